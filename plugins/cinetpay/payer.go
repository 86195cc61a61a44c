package main

import (
	"strings"

	"github.com/paymux/paymux/sdk"
)

// payer is the customer of init: all fields, or name and surname, or none. A
// part of them is refused with code 624.
type payer struct {
	Name    string `json:"customer_name,omitempty"`
	Surname string `json:"customer_surname,omitempty"`
	Email   string `json:"customer_email,omitempty"`
	Phone   string `json:"customer_phone_number,omitempty"`
	Address string `json:"customer_address,omitempty"`
	City    string `json:"customer_city,omitempty"`
	Country string `json:"customer_country,omitempty"`
	State   string `json:"customer_state,omitempty"`
	ZIPCode string `json:"customer_zip_code,omitempty"`
}

// payerOf takes as much of the customer as CinetPay accepts.
func payerOf(req sdk.PaymentRequest) (payer, *refusal) {
	full := fullPayer(req)
	if full.Name == "" || full.Surname == "" {
		if req.Method == "card" {
			return payer{}, invalid("a card payment needs customer.name and customer.surname: CinetPay hides the card option without them")
		}
		return payer{}, nil
	}
	if !full.complete() {
		return payer{Name: full.Name, Surname: full.Surname}, nil
	}
	if !validPhone(full.Phone) {
		return payer{}, invalid("customer.phone is not in international form, such as +2250707123456")
	}
	return full, nil
}

func fullPayer(req sdk.PaymentRequest) payer {
	c := req.Customer
	country := strings.ToUpper(c.Country)
	if country == "" {
		country = strings.ToUpper(req.Country)
	}
	return payer{
		Name: c.Name, Surname: c.Surname, Email: c.Email, Phone: c.Phone, Address: c.Address, City: c.City,
		Country: country, State: stateOf(country, c.State), ZIPCode: c.ZIPCode,
	}
}

// stateOf repeats the country except for the two whose states CinetPay asks for.
func stateOf(country, state string) string {
	if country == "US" || country == "CA" {
		return strings.ToUpper(state)
	}
	return country
}

func (p payer) complete() bool {
	return p.Email != "" && p.Phone != "" && p.Address != "" && p.City != "" &&
		len(p.Country) == 2 && p.State != "" && p.ZIPCode != ""
}

const (
	// An international number has at most 15 digits; the shortest in use have 8.
	phoneDigitsMin = 8
	phoneDigitsMax = 15
	// ivorianPrefix begins the numbers of Côte d'Ivoire, where 10 digits follow
	// since 2021.
	ivorianPrefix = "225"
	ivorianDigits = 10
)

// validPhone reports whether phone is in E.164 form.
func validPhone(phone string) bool {
	number, international := strings.CutPrefix(phone, "+")
	if !international || strings.Trim(number, digits) != "" || strings.HasPrefix(number, "0") {
		return false
	}
	if local, ivorian := strings.CutPrefix(number, ivorianPrefix); ivorian {
		return len(local) == ivorianDigits
	}
	return len(number) >= phoneDigitsMin && len(number) <= phoneDigitsMax
}
