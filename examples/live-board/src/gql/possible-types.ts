
      export interface PossibleTypesResultData {
        possibleTypes: {
          [key: string]: string[]
        }
      }
      const result: PossibleTypesResultData = {
  "possibleTypes": {
    "ActivityEvent": [
      "BankTransactionEvent",
      "TransactionEvent"
    ],
    "AuthenticateCardholderResult": [
      "AuthenticateCardholderPayload",
      "BadUserInputError",
      "InvalidGrantError",
      "RateLimitedError",
      "UpstreamError"
    ],
    "CompleteCassoAuthorizationResult": [
      "CompleteCassoAuthorizationPayload",
      "InvalidGrantError",
      "InvalidStateError",
      "UpstreamError"
    ],
    "CreateCardholderVerificationResult": [
      "BadUserInputError",
      "CreateCardholderVerificationPayload",
      "RateLimitedError",
      "UpstreamError"
    ],
    "Error": [
      "BadUserInputError",
      "ForbiddenError",
      "InvalidGrantError",
      "InvalidStateError",
      "RateLimitedError",
      "UnauthenticatedError",
      "UpstreamError"
    ],
    "LinkCassoApiKeyResult": [
      "InvalidGrantError",
      "LinkCassoApiKeyPayload",
      "RateLimitedError",
      "UpstreamError"
    ],
    "LogoutResult": [
      "LogoutPayload",
      "UnauthenticatedError"
    ],
    "MoneyMovement": [
      "BankTransaction",
      "Transaction"
    ],
    "Node": [
      "Account",
      "BankAccount",
      "BankTransaction",
      "Card",
      "CardIssuer",
      "Cardholder",
      "Transaction"
    ],
    "RefreshSessionResult": [
      "InvalidGrantError",
      "RefreshSessionPayload",
      "UnauthenticatedError",
      "UpstreamError"
    ],
    "RegisterCassoWebhookResult": [
      "BadUserInputError",
      "ForbiddenError",
      "RateLimitedError",
      "RegisterCassoWebhookPayload",
      "UnauthenticatedError",
      "UpstreamError"
    ],
    "StartCassoAuthorizationResult": [
      "BadUserInputError",
      "StartCassoAuthorizationPayload"
    ],
    "SyncBankTransactionsResult": [
      "BadUserInputError",
      "ForbiddenError",
      "RateLimitedError",
      "SyncBankTransactionsPayload",
      "UnauthenticatedError",
      "UpstreamError"
    ],
    "TransactionDetails": [
      "CardTransactionDetails",
      "OtherTransactionDetails"
    ]
  }
};
      export default result;
    