package routing

import (
	"strings"

	"github.com/paymux/paymux/core/yamlfile"
)

// country is a two-letter code as a number, so that a comparison costs nothing.
// Zero is no country.
type country uint16

// iso3166 holds the codes of ISO 3166-1 as officially assigned, two letters and
// three letters of each together.
const iso3166 = "" +
	"ADAND AEARE AFAFG AGATG AIAIA ALALB AMARM AOAGO AQATA ARARG ASASM ATAUT " +
	"AUAUS AWABW AXALA AZAZE BABIH BBBRB BDBGD BEBEL BFBFA BGBGR BHBHR BIBDI " +
	"BJBEN BLBLM BMBMU BNBRN BOBOL BQBES BRBRA BSBHS BTBTN BVBVT BWBWA BYBLR " +
	"BZBLZ CACAN CCCCK CDCOD CFCAF CGCOG CHCHE CICIV CKCOK CLCHL CMCMR CNCHN " +
	"COCOL CRCRI CUCUB CVCPV CWCUW CXCXR CYCYP CZCZE DEDEU DJDJI DKDNK DMDMA " +
	"DODOM DZDZA ECECU EEEST EGEGY EHESH ERERI ESESP ETETH FIFIN FJFJI FKFLK " +
	"FMFSM FOFRO FRFRA GAGAB GBGBR GDGRD GEGEO GFGUF GGGGY GHGHA GIGIB GLGRL " +
	"GMGMB GNGIN GPGLP GQGNQ GRGRC GSSGS GTGTM GUGUM GWGNB GYGUY HKHKG HMHMD " +
	"HNHND HRHRV HTHTI HUHUN IDIDN IEIRL ILISR IMIMN ININD IOIOT IQIRQ IRIRN " +
	"ISISL ITITA JEJEY JMJAM JOJOR JPJPN KEKEN KGKGZ KHKHM KIKIR KMCOM KNKNA " +
	"KPPRK KRKOR KWKWT KYCYM KZKAZ LALAO LBLBN LCLCA LILIE LKLKA LRLBR LSLSO " +
	"LTLTU LULUX LVLVA LYLBY MAMAR MCMCO MDMDA MEMNE MFMAF MGMDG MHMHL MKMKD " +
	"MLMLI MMMMR MNMNG MOMAC MPMNP MQMTQ MRMRT MSMSR MTMLT MUMUS MVMDV MWMWI " +
	"MXMEX MYMYS MZMOZ NANAM NCNCL NENER NFNFK NGNGA NINIC NLNLD NONOR NPNPL " +
	"NRNRU NUNIU NZNZL OMOMN PAPAN PEPER PFPYF PGPNG PHPHL PKPAK PLPOL PMSPM " +
	"PNPCN PRPRI PSPSE PTPRT PWPLW PYPRY QAQAT REREU ROROU RSSRB RURUS RWRWA " +
	"SASAU SBSLB SCSYC SDSDN SESWE SGSGP SHSHN SISVN SJSJM SKSVK SLSLE SMSMR " +
	"SNSEN SOSOM SRSUR SSSSD STSTP SVSLV SXSXM SYSYR SZSWZ TCTCA TDTCD TFATF " +
	"TGTGO THTHA TJTJK TKTKL TLTLS TMTKM TNTUN TOTON TRTUR TTTTO TVTUV TWTWN " +
	"TZTZA UAUKR UGUGA UMUMI USUSA UYURY UZUZB VAVAT VCVCT VEVEN VGVGB VIVIR " +
	"VNVNM VUVUT WFWLF WSWSM YEYEM YTMYT ZAZAF ZMZMB ZWZWE "

const (
	codeLength  = 2
	entryLength = 6 // Two letters, three letters and a space.
	letters     = 26
)

// countryOf returns the country of two capital letters, assigned or not. Text
// that has another form is a country that no rule names.
func countryOf(code string) country {
	if code == "" {
		return 0
	}
	const malformed = letters*letters + 1
	if len(code) != codeLength || !capital(code[0]) || !capital(code[1]) {
		return malformed
	}
	return 1 + country(code[0]-'A')*letters + country(code[1]-'A')
}

// String returns the two letters.
func (c country) String() string {
	if c == 0 || c > letters*letters {
		return ""
	}
	return string([]byte{'A' + byte((c-1)/letters), 'A' + byte((c-1)%letters)})
}

func codesOf(list []country) []string {
	codes := make([]string, len(list))
	for i, c := range list {
		codes[i] = c.String()
	}
	return codes
}

func capital(b byte) bool { return 'A' <= b && b <= 'Z' }

// assigned reports whether code is a country, or one of the codes that users may
// assign: XK, which stands for Kosovo nearly everywhere, is one.
func assigned(code string) bool {
	if len(code) != codeLength {
		return false
	}
	for i := 0; i < len(iso3166); i += entryLength {
		if iso3166[i:i+codeLength] == code {
			return true
		}
	}
	return code == "AA" || code == "ZZ" || code >= "QM" && code <= "QZ" || code >= "XA" && code <= "XZ"
}

// meant says in brackets which country was probably meant by what is none.
func meant(code string) string {
	upper := strings.ToUpper(code)
	switch {
	case assigned(upper):
		return " (did you mean " + upper + "?)"
	case upper == "UK":
		return " (did you mean GB?)"
	case upper == "EL":
		return " (did you mean GR?)"
	}
	for i := 0; i < len(iso3166); i += entryLength {
		if iso3166[i+codeLength:i+entryLength-1] == upper {
			return " (did you mean " + iso3166[i:i+codeLength] + "?)"
		}
	}
	return ": give two capital letters of ISO 3166, such as CI"
}

// readCountry returns the country that a value names, zero after reporting one that is none.
func readCountry(node yamlfile.Node) country {
	code, ok := node.Text()
	if !ok {
		return 0
	}
	if !assigned(code) {
		node.Errorf("%s is not a country%s", yamlfile.Quote(code), meant(code))
		return 0
	}
	return countryOf(code)
}

func readCountries(node yamlfile.Node) []country {
	var list []country
	for _, item := range items(node) {
		if c := readCountry(item); c != 0 {
			list = append(list, c)
		}
	}
	return list
}
