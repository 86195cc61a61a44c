// Package money holds amounts as whole minor units of an ISO 4217 currency.
//
// A caller writes and reads decimal text in major units ("200.00" EUR, "5000" XOF); the package
// keeps an int64 of minor units beside the currency, so no float ever comes near an amount.
//
//   - [Parse] and [ParsePositive] read what a client or an operator wrote, by a strict grammar.
//   - [ParseTold] reads what a provider said, which may carry decimals the currency does not have
//     as long as they are zero.
//   - [ParseMoney] reads an amount together with its code, such as "5000 XOF".
//
// The number of decimals is the one ISO 4217 gives. It differs from the digits a locale displays:
// an ariary (MGA) has two decimals here although shops rarely write them.
//
// Error texts are whole clauses without a package prefix, because they are shown to the person who
// wrote the text: "XFO" is not a currency (did you mean XOF?).
package money
