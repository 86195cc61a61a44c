package routing

import (
	"cmp"
	"math/bits"
	"slices"
	"strconv"
	"time"

	"github.com/paymux/paymux/core"
)

// best asks the account first whose attempts succeeded most of late. A few
// observations say little, so each account counts as if one more attempt had
// succeeded and one more had failed: one without any stands at a half. So that
// those behind stay measured, a share of the transactions asks one of them first.
// Which transactions do is a function of their id: nothing is drawn at random.
type best struct {
	rule     string
	accounts []core.Candidate
	window   time.Duration
	explore  share
	// within and measures are the ends of every reason, written once.
	within, measures string
}

func newBest(rule string, accounts []core.Candidate, u *use) best {
	return best{
		rule: rule, accounts: accounts, window: u.window, explore: u.explore,
		within:   " in " + brief(u.window),
		measures: ": first because " + u.explore.String() + " of transactions measure the others",
	}
}

// countMax bounds each count of a tally, so that their products fit.
const countMax = 1 << 30

// record is how an account did.
type record struct {
	account        string
	succeeded, all uint64
}

func recordOf(account string, t core.Tally) record {
	succeeded := min(t.Succeeded, countMax)
	return record{account: account, succeeded: succeeded, all: succeeded + min(t.Failed, countMax)}
}

func (b best) rank(f *facts, market Market) []core.Candidate {
	records := make([]record, len(b.accounts))
	for i, candidate := range b.accounts {
		records[i] = recordOf(candidate.Account, market.Success(candidate.Account, f.sample, b.window))
	}
	slices.SortStableFunc(records, better)
	explored := b.explored(f.sample.ID, len(records))
	if explored > 0 {
		chosen := records[explored]
		records = slices.Insert(slices.Delete(records, explored, explored+1), 0, chosen)
	}
	candidates := make([]core.Candidate, len(records))
	for i, r := range records {
		candidates[i] = core.Candidate{Account: r.account, Reason: b.reason(i, r, explored)}
	}
	return candidates
}

// better puts the higher rate of success first. The rates are fractions, which are
// compared exactly.
func better(a, b record) int {
	return cmp.Compare((b.succeeded+1)*(a.all+2), (a.succeeded+1)*(b.all+2))
}

// explored returns which account behind the first a transaction measures, 0 for none.
func (b best) explored(id string, count int) int {
	if id == "" || count < 2 || !b.explore.takes(hash("explore", b.rule, id)) {
		return 0
	}
	behind, _ := bits.Mul64(hash("explored", b.rule, id), uint64(count-1))
	return 1 + int(behind)
}

func (b best) reason(i int, r record, explored int) string {
	text := place(i, len(b.accounts)) + " by success, " + r.rate() + b.within
	if i == 0 && explored > 0 {
		return text + b.measures
	}
	return text
}

// rate reads as "91.2 % of 340".
func (r record) rate() string {
	if r.all == 0 {
		return "nothing measured"
	}
	thousandths := (r.succeeded*1000 + r.all/2) / r.all
	return strconv.FormatUint(thousandths/10, 10) + "." + strconv.FormatUint(thousandths%10, 10) +
		" % of " + strconv.FormatUint(r.all, 10)
}
