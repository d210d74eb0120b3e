/*
 * Records what a process writes below one folder, and what it syncs, so that a test can tell what a disk holds when the power
 * goes at any moment. Loaded by LD_PRELOAD; see recording.ts for the form of the record.
 *
 * POWER_FOLDER: the folder, an absolute path without links. POWER_RECORD: the file to append to, outside of it.
 *
 * Every call is made and recorded under one lock, so the record has the order in which the file system saw the calls. A call that would
 * change the folder in a way that is not recorded is recorded as '!', and fails the test.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define MOST_FILES 65536

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char *paths[MOST_FILES]; /* of open files below the folder */
static const char *folder;
static size_t folder_length;
static int record = -1;

#define REAL(name) ((__typeof__(&name))real(#name))
static void *real(const char *name) {
  void *found = dlsym(RTLD_NEXT, name);
  if (!found) abort();
  return found;
}

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("POWER_RECORD");
  folder = getenv("POWER_FOLDER");
  if (!path || !folder) return;
  folder_length = strlen(folder);
  record = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (record < 0) abort();
}

/* The path without "." and "..", as far as names go; false: not below the folder. */
static int below(int at, const char *path, char *full) {
  if (record < 0 || !path) return 0;
  char joined[2 * PATH_MAX];
  if (path[0] == '/') {
    snprintf(joined, sizeof joined, "%s", path);
  } else if (at == AT_FDCWD) {
    char here[PATH_MAX];
    if (syscall(SYS_getcwd, here, sizeof here) < 0) return 0;
    snprintf(joined, sizeof joined, "%s/%s", here, path);
  } else {
    if (at < 0 || at >= MOST_FILES || !paths[at]) return 0;
    snprintf(joined, sizeof joined, "%s/%s", paths[at], path);
  }
  size_t end = 0;
  char *rest = joined, *part;
  while ((part = strsep(&rest, "/"))) {
    if (!*part || !strcmp(part, ".")) continue;
    if (!strcmp(part, "..")) {
      while (end > 0 && full[--end] != '/') {}
      continue;
    }
    size_t length = strlen(part);
    if (end + length + 2 > PATH_MAX) return 0;
    full[end++] = '/';
    memcpy(full + end, part, length);
    end += length;
  }
  full[end] = 0;
  return !strncmp(full, folder, folder_length) && (full[folder_length] == 0 || full[folder_length] == '/');
}

static const char *open_path(int file) { return file >= 0 && file < MOST_FILES ? paths[file] : NULL; }

static void append(const void *from, size_t length) {
  const char *next = from;
  while (length > 0) {
    ssize_t written = syscall(SYS_write, record, next, length);
    if (written < 0) {
      if (errno == EINTR) continue;
      abort();
    }
    next += written;
    length -= (size_t)written;
  }
}

/* One entry: kind, lengths, offset, then the path and the data (for a rename: the new path). */
static void note(char kind, const char *path, int64_t offset, const void *data, size_t length) {
  int kept = errno;
  struct __attribute__((packed)) {
    char kind;
    uint16_t path;
    uint32_t data;
    int64_t offset;
  } head = {kind, (uint16_t)strlen(path), (uint32_t)length, offset};
  append(&head, sizeof head);
  append(path, head.path);
  append(data, length);
  errno = kept;
}

static int opened(int file, const char *full, int flags, int existed) {
  if (file < 0 || file >= MOST_FILES) return file;
  free(paths[file]);
  paths[file] = strdup(full);
  if (!existed) note('C', full, 0, "", 0);
  else if (flags & O_TRUNC) note('T', full, 0, "", 0);
  return file;
}

static int open_below(int at, const char *path, int flags, mode_t mode) {
  char full[PATH_MAX];
  pthread_mutex_lock(&lock);
  int ours = below(at, path, full);
  struct stat entry;
  int existed = !ours || !(flags & O_CREAT) || fstatat(AT_FDCWD, full, &entry, 0) == 0;
  int file = (int)syscall(SYS_openat, at, path, flags, mode);
  if (ours) opened(file, full, flags, existed);
  pthread_mutex_unlock(&lock);
  return file;
}

#define MODE_OF(flags) \
  mode_t mode = 0; \
  if ((flags) & (O_CREAT | O_TMPFILE)) { \
    va_list rest; \
    va_start(rest, flags); \
    mode = (mode_t)va_arg(rest, int); \
    va_end(rest); \
  }
int open(const char *path, int flags, ...) { MODE_OF(flags) return open_below(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE_OF(flags) return open_below(AT_FDCWD, path, flags | O_LARGEFILE, mode); }
int openat(int at, const char *path, int flags, ...) { MODE_OF(flags) return open_below(at, path, flags, mode); }
int openat64(int at, const char *path, int flags, ...) { MODE_OF(flags) return open_below(at, path, flags | O_LARGEFILE, mode); }
int creat(const char *path, mode_t mode) { return open_below(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }

int close(int file) {
  pthread_mutex_lock(&lock);
  if (file >= 0 && file < MOST_FILES) {
    free(paths[file]);
    paths[file] = NULL;
  }
  int result = (int)syscall(SYS_close, file);
  pthread_mutex_unlock(&lock);
  return result;
}

/* Where the next write of this file goes. */
static int64_t position(int file) {
  int flags = fcntl(file, F_GETFL);
  return lseek(file, 0, flags & O_APPEND ? SEEK_END : SEEK_CUR);
}

ssize_t write(int file, const void *data, size_t length) {
  if (!open_path(file)) return syscall(SYS_write, file, data, length);
  pthread_mutex_lock(&lock);
  int64_t offset = position(file);
  ssize_t written = syscall(SYS_write, file, data, length);
  if (written > 0) note('W', paths[file], offset, data, (size_t)written);
  pthread_mutex_unlock(&lock);
  return written;
}

ssize_t pwrite64(int file, const void *data, size_t length, off64_t offset) {
  if (!open_path(file)) return syscall(SYS_pwrite64, file, data, length, offset);
  pthread_mutex_lock(&lock);
  ssize_t written = syscall(SYS_pwrite64, file, data, length, offset);
  if (written > 0) note('W', paths[file], offset, data, (size_t)written);
  pthread_mutex_unlock(&lock);
  return written;
}
ssize_t pwrite(int file, const void *data, size_t length, off_t offset) { return pwrite64(file, data, length, offset); }

static ssize_t gathered(int file, const struct iovec *parts, int count, int64_t offset, ssize_t written) {
  for (ssize_t left = written, n = 0; n < count && left > 0; n++) {
    size_t length = parts[n].iov_len < (size_t)left ? parts[n].iov_len : (size_t)left;
    note('W', paths[file], offset, parts[n].iov_base, length);
    offset += (int64_t)length;
    left -= (ssize_t)length;
  }
  return written;
}

ssize_t writev(int file, const struct iovec *parts, int count) {
  if (!open_path(file)) return syscall(SYS_writev, file, parts, count);
  pthread_mutex_lock(&lock);
  int64_t offset = position(file);
  ssize_t written = gathered(file, parts, count, offset, syscall(SYS_writev, file, parts, count));
  pthread_mutex_unlock(&lock);
  return written;
}

ssize_t pwritev64(int file, const struct iovec *parts, int count, off64_t offset) {
  if (!open_path(file)) return REAL(pwritev64)(file, parts, count, offset);
  pthread_mutex_lock(&lock);
  ssize_t written = gathered(file, parts, count, offset, REAL(pwritev64)(file, parts, count, offset));
  pthread_mutex_unlock(&lock);
  return written;
}
ssize_t pwritev(int file, const struct iovec *parts, int count, off_t offset) { return pwritev64(file, parts, count, offset); }

int ftruncate64(int file, off64_t size) {
  pthread_mutex_lock(&lock);
  int result = (int)syscall(SYS_ftruncate, file, size);
  if (result == 0 && open_path(file)) note('T', paths[file], size, "", 0);
  pthread_mutex_unlock(&lock);
  return result;
}
int ftruncate(int file, off_t size) { return ftruncate64(file, size); }

static int synced(int file, long call) {
  pthread_mutex_lock(&lock);
  int result = (int)syscall(call, file);
  if (result == 0 && open_path(file)) note('S', paths[file], 0, "", 0);
  pthread_mutex_unlock(&lock);
  return result;
}
int fsync(int file) { return synced(file, SYS_fsync); }
int fdatasync(int file) { return synced(file, SYS_fdatasync); }

int renameat(int from_at, const char *from, int to_at, const char *to) {
  char old[PATH_MAX], new[PATH_MAX];
  pthread_mutex_lock(&lock);
  int was_ours = below(from_at, from, old), is_ours = below(to_at, to, new);
  int result = (int)syscall(SYS_renameat2, from_at, from, to_at, to, 0);
  if (result == 0 && (was_ours || is_ours)) {
    if (was_ours && is_ours) note('R', old, 0, new, strlen(new));
    else note('!', was_ours ? old : new, 0, "rename across", 13);
  }
  pthread_mutex_unlock(&lock);
  return result;
}
int rename(const char *from, const char *to) { return renameat(AT_FDCWD, from, AT_FDCWD, to); }

static int removed(int at, const char *path, int flags) {
  char full[PATH_MAX];
  pthread_mutex_lock(&lock);
  int ours = below(at, path, full);
  int result = (int)syscall(SYS_unlinkat, at, path, flags);
  if (result == 0 && ours) note('U', full, 0, "", 0);
  pthread_mutex_unlock(&lock);
  return result;
}
int unlinkat(int at, const char *path, int flags) { return removed(at, path, flags); }
int unlink(const char *path) { return removed(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return removed(AT_FDCWD, path, AT_REMOVEDIR); }

int mkdirat(int at, const char *path, mode_t mode) {
  char full[PATH_MAX];
  pthread_mutex_lock(&lock);
  int ours = below(at, path, full);
  int result = (int)syscall(SYS_mkdirat, at, path, mode);
  if (result == 0 && ours) note('D', full, 0, "", 0);
  pthread_mutex_unlock(&lock);
  return result;
}
int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }

/* What nothing of ours does; a new version of a library might. */
static void unknown(int file, const char *what) {
  pthread_mutex_lock(&lock);
  if (open_path(file)) note('!', paths[file], 0, what, strlen(what));
  pthread_mutex_unlock(&lock);
}
int fallocate64(int file, int mode, off64_t offset, off64_t length) {
  unknown(file, "fallocate");
  return REAL(fallocate64)(file, mode, offset, length);
}
int posix_fallocate64(int file, off64_t offset, off64_t length) {
  unknown(file, "posix_fallocate");
  return REAL(posix_fallocate64)(file, offset, length);
}
ssize_t copy_file_range(int from, off64_t *from_offset, int to, off64_t *to_offset, size_t length, unsigned flags) {
  unknown(to, "copy_file_range");
  return syscall(SYS_copy_file_range, from, from_offset, to, to_offset, length, flags);
}
ssize_t sendfile64(int to, int from, off64_t *offset, size_t length) {
  unknown(to, "sendfile");
  return syscall(SYS_sendfile, to, from, offset, length);
}
void *mmap64(void *address, size_t length, int protection, int flags, int file, off64_t offset) {
  const char *path = open_path(file);
  size_t end = path ? strlen(path) : 0;
  /* The index of a write-ahead log is made anew after a crash: what it holds does not count. */
  int index = end > 4 && !strcmp(path + end - 4, "-shm");
  if (path && !index && (flags & MAP_SHARED) && (protection & PROT_WRITE)) unknown(file, "mmap");
  return (void *)syscall(SYS_mmap, address, length, protection, flags, file, offset);
}
void *mmap(void *address, size_t length, int protection, int flags, int file, off_t offset) {
  return mmap64(address, length, protection, flags, file, offset);
}
