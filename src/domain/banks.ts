/**
 * The banks of Vietnam, as Casso and the banks themselves name them. Each line is one bank: its NAPAS numbers, then
 * its abbreviations, code names and names, in the normal form of `bank-identity.ts`, a last "bank" left out.
 * A word that two banks use, such as BVB, or that is part of two names, such as Saigon, stands on no line. The list need not be complete: a bank that is not in it is
 * compared by the words that are said of it.
 */
const LINES = `
970400 saigonbank sgicb sgb saigoncongthuong
970403 sacom stb saigonthuongtin
970405 agri vba agribank nongnghiepvaphattriennongthon nongnghiepvaphattriennongthonvietnam
970406 donga dob dab vikki
970407 techcom tcb kythuong kythuongvietnam
970408 gp gpb daukhitoancau
970409 baca bab
970410 standardchartered scvn standardcharteredvietnam
970412 pvcom pvcb daichungvietnam
970414 ocean oceanbank mbv ojb vietnamhiendai
970415 vietin icb ctg vtb congthuong congthuongvietnam
970416 acb achau
970418 bidv dautuvaphattrien dautuvaphattrienvietnam
970419 ncb quocdan
970421 vrb viennga vietnga
970422 mb mbb mbbank quandoi
970423 tp tpb tienphong
970424 shinhan shbvn shinhanvietnam
970425 ab abb anbinh
970426 msb maritime hanghai hanghaivietnam
970427 vieta vab
970428 nama nab
970429 scb
970430 pg pgb thinhvuongvaphattrien petrolimex
970431 exim eib xuatnhapkhau xuatnhapkhauvietnam
970432 vp vpb vietnamthinhvuong
970433 vietbank vbb vietnamthuongtin
970434 indovina ivb
970436 vietcom vcb ngoaithuong ngoaithuongvietnam
970437 hd hdb phattrienthanhphohochiminh phattrientphcm phattrientphochiminh
970438 baoviet baovietbank
970439 public pbvn publicvietnam
970440 sea seab ssb dongnama
970441 vib quocte quoctevietnam
970442 hongleong hlbvn hongleongvietnam
970443 shb saigonhanoi
970444 cb cbb vcbneo xaydung xaydungvietnam
970446 coop coopbank hoptacxa hoptacxavietnam
970448 ocb phuongdong
970449 lp lpb lienviet lienvietpost locphat locphatvietnam buudienlienviet
970452 kienlong klb
970454 963388 vietcapital vccb bv bvbank banviet timo timoplus
970455 970456 ibk
970457 woori wvn woorivietnam
970458 uob uobvietnam unitedoverseas
970462 970463 kookmin
970466 970467 kebhana
422589 cimb cimbvietnam
458761 hsbc hsbcvietnam
533948 citi citibank
546034 cake
546035 ubank
668888 kbank kasikorn
796500 dbs
801011 nonghyup
971005 viettelmoney
971011 vnptmoney
`;

/** The line that a word stands on. */
export const BANK_BY_WORD: ReadonlyMap<string, string> = new Map(
  LINES.trim()
    .split('\n')
    .flatMap((line) => line.split(' ').map((word): [string, string] => [word, line])),
);
