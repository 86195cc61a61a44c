package main

import "github.com/paymux/paymux/sdk"

// operation is a call of Numipay's API, by its name in the setting paths.
type operation string

const (
	opHosted        operation = "hosted"
	opDirect        operation = "direct"
	opS2S           operation = "s2s"
	opPayout        operation = "payout"
	opPayoutReject  operation = "payout_reject"
	opPayoutApprove operation = "payout_approve"
	opStatus        operation = "status"
	opList          operation = "list"
)

// valueID stands for our reference in the path of status.
const valueID = "id"

// conventions are where the operations are assumed to be: Numipay publishes
// neither paths nor methods.
func conventions() []sdk.Convention {
	return []sdk.Convention{
		{Operation: string(opHosted), Route: "POST /payments/hosted", Writes: true},
		{Operation: string(opDirect), Route: "POST /payments/direct", Writes: true},
		{Operation: string(opS2S), Route: "POST /payments/s2s", Writes: true},
		{Operation: string(opPayout), Route: "POST /payouts", Writes: true},
		{Operation: string(opPayoutReject), Route: "POST /payouts/reject", Writes: true},
		{Operation: string(opPayoutApprove), Route: "POST /payouts/approve", Writes: true},
		{Operation: string(opStatus), Route: "GET /transactions/{id}", Needed: []string{valueID}},
		{Operation: string(opList), Route: "GET /transactions"},
	}
}
