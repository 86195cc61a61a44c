// Package api is what Paymux looks like from outside: the public JSON of every
// noun, and the reading of what clients send.
//
// What goes out is an allow-list: a field that is not named here is not shown,
// phones are masked, and words of providers lose card numbers and the customer's
// phone. What comes in is read strictly, and every wrong field of a request is
// told at once as a core.Problem, without repeating phones, cards or free text.
// In requests absent, null and "" mean the same.
package api
