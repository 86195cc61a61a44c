package sandbox

import "net/http"

// Codes that have a name here. The rest are triggers only.
const (
	codeHandled    = 100
	codeBadToken   = 101
	codeBadInput   = 103
	codeDuplicate  = 104
	codeBadNetwork = 106
	codeUnclear    = 110
	codeBadLogin   = 111
	codeFailed     = 112
	codeShort      = 113
	codePending    = 114
)

// messageOf is the documented text of a code.
func messageOf(code int) string {
	return map[int]string{
		codeHandled:    "Request was successful",
		codeBadToken:   "Invalid Authentication Token",
		102:            "API Rate Limit Reached",
		codeBadInput:   "Invalid Input",
		codeDuplicate:  "Duplicate Request",
		105:            "Invalid IP Address",
		codeBadNetwork: "Invalid Collection Network",
		107:            "Collection network temporarily unavailable",
		108:            "System under Maintenance",
		109:            "Account Suspended",
		codeUnclear:    "Unknown error(Contact Admin)",
		codeBadLogin:   "Invalid Login Details",
		codeFailed:     "Transaction Failed",
		codeShort:      "Insufficient balance for Payout",
		codePending:    "Transaction is pending",
		115:            "Maximum number of tries exceeded",
		116:            "Customer has not verified their phone number",
	}[code]
}

// httpStatusOf is the HTTP number that goes with a code. No document tells it.
func httpStatusOf(code int) int {
	switch code {
	case codeBadToken, codeBadLogin:
		return http.StatusUnauthorized
	case 105, 109:
		return http.StatusForbidden
	case 102:
		return http.StatusTooManyRequests
	case codeBadInput, codeBadNetwork, 116:
		return http.StatusBadRequest
	case codeDuplicate:
		return http.StatusConflict
	case 107, 108:
		return http.StatusServiceUnavailable
	case codeUnclear:
		return http.StatusInternalServerError
	}
	return http.StatusOK
}
