package sandbox

// messageOf returns CinetPay's word for a code of either API, spelled as CinetPay does.
func messageOf(code string) string {
	if word := checkoutWord(code); word != "" {
		return word
	}
	if word := transferWord(code); word != "" {
		return word
	}
	return "UNKNOWN_ERROR"
}

func checkoutWord(code string) string {
	switch code {
	case codePaid:
		return "SUCCES"
	case codeCreated:
		return "CREATED"
	case codeTooMany:
		return "TOO_MANY_REQUEST"
	case codeFailed:
		return "PAYMENT_FAILED"
	case "602":
		return "INSUFFICIENT_BALANCE"
	case "604":
		return "OTP_CODE_ERROR"
	case codeFields:
		return "MINIMUM_REQUIRED_FIELDS"
	case "609":
		return "AUTH_NOT_FOUND"
	case "612":
		return "ERROR_CURRENCY_NOTVALID"
	case "613":
		return "ERROR_SITE_ID_NOTVALID"
	case "620":
		return "ERROR_DOUBLE_PAYEMNT"
	case codePushed:
		return "WAITING_CUSTOMER_TO_VALIDATE"
	case codeCanceled:
		return "TRANSACTION_CANCEL"
	case "641":
		return "ERROR_AMOUNT_TOO_LOW"
	case "642":
		return "ERROR_AMOUNT_TOO_HIGH"
	case codeUnvisited:
		return "WAITING_CUSTOMER_PAYMENT"
	}
	return ""
}

func transferWord(code string) string {
	switch code {
	case "0":
		return "OPERATION_SUCCES"
	case "417":
		return "EXPECTATION_FAILED"
	case "701":
		return "INVALID_CREDENTIALS"
	case "704":
		return "INVALID_PARAM"
	case "705":
		return "EXPIRED_TOKEN"
	case "706":
		return "INVALID_TOKEN"
	case "716":
		return "DATA_NOT_VALID"
	case "718":
		return "JSON_PARSE_ERROR"
	case "719":
		return "AMOUNT_TOO_SMALL"
	case "720":
		return "AMOUNT_TOO_LARGE"
	case "721":
		return "OPERATOR_NOT_AVAILABLE"
	case "723":
		return "NOT_FOUND"
	case "724":
		return "ERROR_PHONE_NOT_MY_CONTACT"
	case "725":
		return "MISSING_NOTIFY_URL"
	case "726":
		return "ERROR_PHONE_ALREADY_MY_CONTACT"
	case "801":
		return "INVALID_AMOUNT"
	case "802":
		return "INVALID_PHONE"
	case "805":
		return "CLIENT_TRANSACTION_ID_EXIST"
	case "811":
		return "INVALID_PAYMENT_METHOD"
	}
	return ""
}
