package sdk

// Reason is a stable word for why something ended or was refused. REJECTED and
// DECLINED carry one; it decides whether the next account may be tried.
type Reason string

// The reasons a plugin may give.
const (
	ReasonNone                Reason = ""
	ReasonInvalidRequest      Reason = "invalid_request"
	ReasonAuthentication      Reason = "authentication"
	ReasonInsufficientFunds   Reason = "insufficient_funds"
	ReasonDeclined            Reason = "declined"
	ReasonLimitExceeded       Reason = "limit_exceeded"
	ReasonRateLimited         Reason = "rate_limited"
	ReasonDuplicate           Reason = "duplicate"
	ReasonProviderUnavailable Reason = "provider_unavailable"
	ReasonNotSupported        Reason = "not_supported"
	ReasonInsufficientFloat   Reason = "insufficient_float"
	ReasonCustomerUnknown     Reason = "customer_unknown"
	ReasonCanceledByCustomer  Reason = "canceled_by_customer"
	ReasonExpired             Reason = "expired"
)

// Cascades reports whether a create call that ended with r goes on to the next
// account by default. An invalid request would be refused everywhere, and a
// payer without funds has none elsewhere either.
func (r Reason) Cascades() bool {
	switch r {
	case ReasonAuthentication, ReasonProviderUnavailable, ReasonRateLimited, ReasonLimitExceeded,
		ReasonNotSupported, ReasonInsufficientFloat, ReasonCustomerUnknown,
		"duplicate_open_order", ReasonDeclined:
		return true
	default:
		return false
	}
}
