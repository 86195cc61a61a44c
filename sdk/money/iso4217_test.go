package money_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/sdk/money"
)

// listOne is ISO 4217 list one without the entries that have no minor unit, by number of decimals.
// It was written down apart from the table of the package, so that a slip in one shows in the other.
var listOne = map[int]string{
	0: `BIF 108, CLP 152, DJF 262, GNF 324, ISK 352, JPY 392, KMF 174, KRW 410, PYG 600, RWF 646,
		UGX 800, UYI 940, VND 704, VUV 548, XAF 950, XOF 952, XPF 953`,
	2: `AED 784, AFN 971, ALL 008, AMD 051, AOA 973, ARS 032, AUD 036, AWG 533, AZN 944, BAM 977,
		BBD 052, BDT 050, BMD 060, BND 096, BOB 068, BOV 984, BRL 986, BSD 044, BTN 064, BWP 072,
		BYN 933, BZD 084, CAD 124, CDF 976, CHE 947, CHF 756, CHW 948, CNY 156, COP 170, COU 970,
		CRC 188, CUP 192, CVE 132, CZK 203, DKK 208, DOP 214, DZD 012, EGP 818, ERN 232, ETB 230,
		EUR 978, FJD 242, FKP 238, GBP 826, GEL 981, GHS 936, GIP 292, GMD 270, GTQ 320, GYD 328,
		HKD 344, HNL 340, HTG 332, HUF 348, IDR 360, ILS 376, INR 356, IRR 364, JMD 388, KES 404,
		KGS 417, KHR 116, KPW 408, KYD 136, KZT 398, LAK 418, LBP 422, LKR 144, LRD 430, LSL 426,
		MAD 504, MDL 498, MGA 969, MKD 807, MMK 104, MNT 496, MOP 446, MRU 929, MUR 480, MVR 462,
		MWK 454, MXN 484, MXV 979, MYR 458, MZN 943, NAD 516, NGN 566, NIO 558, NOK 578, NPR 524,
		NZD 554, PAB 590, PEN 604, PGK 598, PHP 608, PKR 586, PLN 985, QAR 634, RON 946, RSD 941,
		RUB 643, SAR 682, SBD 090, SCR 690, SDG 938, SEK 752, SGD 702, SHP 654, SLE 925, SOS 706,
		SRD 968, SSP 728, STN 930, SVC 222, SYP 760, SZL 748, THB 764, TJS 972, TMT 934, TOP 776,
		TRY 949, TTD 780, TWD 901, TZS 834, UAH 980, USD 840, USN 997, UYU 858, UZS 860, VED 926,
		VES 928, WST 882, XAD 396, XCD 951, XCG 532, YER 886, ZAR 710, ZMW 967, ZWG 924`,
	3: `BHD 048, IQD 368, JOD 400, KWD 414, LYD 434, OMR 512, TND 788`,
	4: `CLF 990, UYW 927`,
}

func TestTheTableIsListOneOfISO4217(t *testing.T) {
	var want []string
	for exponent, rows := range listOne {
		for row := range strings.SplitSeq(rows, ",") {
			want = append(want, strings.TrimSpace(row)+" "+strconv.Itoa(exponent))
		}
	}
	slices.Sort(want)

	var got []string
	for _, c := range money.Currencies() {
		got = append(got, fmt.Sprintf("%s %03d %d", c, uint16(c), c.Exponent()))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("currencies by code (-want +got):\n%s", diff)
	}
}

func TestEveryCurrencyHasANameOfItsOwn(t *testing.T) {
	seen := map[string]money.Currency{}
	for _, c := range money.Currencies() {
		name := c.Name()
		if name == "" || name != strings.TrimSpace(name) {
			t.Errorf("%s is called %q", c, name)
		}
		// The standard itself gives the old and the new bolivar one name.
		if other, taken := seen[name]; taken && c != money.VES {
			t.Errorf("%s and %s are both called %q", other, c, name)
		}
		seen[name] = c
	}
}

func TestEveryCurrencyIsFoundByItsCode(t *testing.T) {
	for _, c := range money.Currencies() {
		found, err := money.ParseCurrency(c.String())
		if err != nil || found != c {
			t.Errorf("ParseCurrency(%q) = %v, %v", c, found, err)
		}
		if !c.Valid() {
			t.Errorf("%s is not valid", c)
		}
	}
}

func TestNoNumberOutsideTheTableIsACurrency(t *testing.T) {
	known := map[money.Currency]bool{}
	for _, c := range money.Currencies() {
		known[c] = true
	}
	for number := range 1 << 16 {
		c := money.Currency(number)
		if c.Valid() != known[c] {
			t.Errorf("Currency(%d).Valid() = %v", number, c.Valid())
		}
	}
}

func TestWhatNobodyCanBePaidInIsNoCurrency(t *testing.T) {
	for _, code := range []string{
		"XAG", "XAU", "XBA", "XBB", "XBC", "XBD", "XDR", "XPD", "XPT", "XSU", "XTS", "XUA", "XXX", // No minor unit.
		"ANG", "BGN", "CUC", "DEM", "HRK", "LTL", "MRO", "SLL", "STD", "VEF", "ZWL", // Withdrawn.
		"BTC", "CFA", "RMB", "USDT", // Never in the standard.
	} {
		if c, err := money.ParseCurrency(code); err == nil {
			t.Errorf("ParseCurrency(%q) = %v, want a refusal", code, c)
		}
	}
}
