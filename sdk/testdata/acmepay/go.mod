module example.com/acmepay

go 1.26

require github.com/paymux/paymux v0.1.0
