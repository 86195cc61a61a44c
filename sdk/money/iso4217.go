package money

// The currencies of ISO 4217 list one that have a minor unit, as in force since 1 January 2026,
// with the numeric codes of the standard as values. The funds codes (BOV, CHE, CHW, CLF, COU, MXV,
// USN, UYI, UYW, XAD) are among them. The entries whose minor unit is N.A., such as XAU, XDR and
// XXX, are not: nobody can be paid in them.
const (
	AED Currency = 784 // UAE Dirham
	AFN Currency = 971 // Afghani
	ALL Currency = 8   // Lek
	AMD Currency = 51  // Armenian Dram
	AOA Currency = 973 // Kwanza
	ARS Currency = 32  // Argentine Peso
	AUD Currency = 36  // Australian Dollar
	AWG Currency = 533 // Aruban Florin
	AZN Currency = 944 // Azerbaijan Manat
	BAM Currency = 977 // Convertible Mark
	BBD Currency = 52  // Barbados Dollar
	BDT Currency = 50  // Taka
	BHD Currency = 48  // Bahraini Dinar
	BIF Currency = 108 // Burundi Franc
	BMD Currency = 60  // Bermudian Dollar
	BND Currency = 96  // Brunei Dollar
	BOB Currency = 68  // Boliviano
	BOV Currency = 984 // Mvdol
	BRL Currency = 986 // Brazilian Real
	BSD Currency = 44  // Bahamian Dollar
	BTN Currency = 64  // Ngultrum
	BWP Currency = 72  // Pula
	BYN Currency = 933 // Belarusian Ruble
	BZD Currency = 84  // Belize Dollar
	CAD Currency = 124 // Canadian Dollar
	CDF Currency = 976 // Congolese Franc
	CHE Currency = 947 // WIR Euro
	CHF Currency = 756 // Swiss Franc
	CHW Currency = 948 // WIR Franc
	CLF Currency = 990 // Unidad de Fomento
	CLP Currency = 152 // Chilean Peso
	CNY Currency = 156 // Yuan Renminbi
	COP Currency = 170 // Colombian Peso
	COU Currency = 970 // Unidad de Valor Real
	CRC Currency = 188 // Costa Rican Colon
	CUP Currency = 192 // Cuban Peso
	CVE Currency = 132 // Cabo Verde Escudo
	CZK Currency = 203 // Czech Koruna
	DJF Currency = 262 // Djibouti Franc
	DKK Currency = 208 // Danish Krone
	DOP Currency = 214 // Dominican Peso
	DZD Currency = 12  // Algerian Dinar
	EGP Currency = 818 // Egyptian Pound
	ERN Currency = 232 // Nakfa
	ETB Currency = 230 // Ethiopian Birr
	EUR Currency = 978 // Euro
	FJD Currency = 242 // Fiji Dollar
	FKP Currency = 238 // Falkland Islands Pound
	GBP Currency = 826 // Pound Sterling
	GEL Currency = 981 // Lari
	GHS Currency = 936 // Ghana Cedi
	GIP Currency = 292 // Gibraltar Pound
	GMD Currency = 270 // Dalasi
	GNF Currency = 324 // Guinean Franc
	GTQ Currency = 320 // Quetzal
	GYD Currency = 328 // Guyana Dollar
	HKD Currency = 344 // Hong Kong Dollar
	HNL Currency = 340 // Lempira
	HTG Currency = 332 // Gourde
	HUF Currency = 348 // Forint
	IDR Currency = 360 // Rupiah
	ILS Currency = 376 // New Israeli Sheqel
	INR Currency = 356 // Indian Rupee
	IQD Currency = 368 // Iraqi Dinar
	IRR Currency = 364 // Iranian Rial
	ISK Currency = 352 // Iceland Krona
	JMD Currency = 388 // Jamaican Dollar
	JOD Currency = 400 // Jordanian Dinar
	JPY Currency = 392 // Yen
	KES Currency = 404 // Kenyan Shilling
	KGS Currency = 417 // Som
	KHR Currency = 116 // Riel
	KMF Currency = 174 // Comorian Franc
	KPW Currency = 408 // North Korean Won
	KRW Currency = 410 // Won
	KWD Currency = 414 // Kuwaiti Dinar
	KYD Currency = 136 // Cayman Islands Dollar
	KZT Currency = 398 // Tenge
	LAK Currency = 418 // Lao Kip
	LBP Currency = 422 // Lebanese Pound
	LKR Currency = 144 // Sri Lanka Rupee
	LRD Currency = 430 // Liberian Dollar
	LSL Currency = 426 // Loti
	LYD Currency = 434 // Libyan Dinar
	MAD Currency = 504 // Moroccan Dirham
	MDL Currency = 498 // Moldovan Leu
	MGA Currency = 969 // Malagasy Ariary
	MKD Currency = 807 // Denar
	MMK Currency = 104 // Kyat
	MNT Currency = 496 // Tugrik
	MOP Currency = 446 // Pataca
	MRU Currency = 929 // Ouguiya
	MUR Currency = 480 // Mauritius Rupee
	MVR Currency = 462 // Rufiyaa
	MWK Currency = 454 // Malawi Kwacha
	MXN Currency = 484 // Mexican Peso
	MXV Currency = 979 // Mexican Unidad de Inversion (UDI)
	MYR Currency = 458 // Malaysian Ringgit
	MZN Currency = 943 // Mozambique Metical
	NAD Currency = 516 // Namibia Dollar
	NGN Currency = 566 // Naira
	NIO Currency = 558 // Cordoba Oro
	NOK Currency = 578 // Norwegian Krone
	NPR Currency = 524 // Nepalese Rupee
	NZD Currency = 554 // New Zealand Dollar
	OMR Currency = 512 // Rial Omani
	PAB Currency = 590 // Balboa
	PEN Currency = 604 // Sol
	PGK Currency = 598 // Kina
	PHP Currency = 608 // Philippine Peso
	PKR Currency = 586 // Pakistan Rupee
	PLN Currency = 985 // Zloty
	PYG Currency = 600 // Guarani
	QAR Currency = 634 // Qatari Rial
	RON Currency = 946 // Romanian Leu
	RSD Currency = 941 // Serbian Dinar
	RUB Currency = 643 // Russian Ruble
	RWF Currency = 646 // Rwanda Franc
	SAR Currency = 682 // Saudi Riyal
	SBD Currency = 90  // Solomon Islands Dollar
	SCR Currency = 690 // Seychelles Rupee
	SDG Currency = 938 // Sudanese Pound
	SEK Currency = 752 // Swedish Krona
	SGD Currency = 702 // Singapore Dollar
	SHP Currency = 654 // Saint Helena Pound
	SLE Currency = 925 // Leone
	SOS Currency = 706 // Somali Shilling
	SRD Currency = 968 // Surinam Dollar
	SSP Currency = 728 // South Sudanese Pound
	STN Currency = 930 // Dobra
	SVC Currency = 222 // El Salvador Colon
	SYP Currency = 760 // Syrian Pound
	SZL Currency = 748 // Lilangeni
	THB Currency = 764 // Baht
	TJS Currency = 972 // Somoni
	TMT Currency = 934 // Turkmenistan New Manat
	TND Currency = 788 // Tunisian Dinar
	TOP Currency = 776 // Pa'anga
	TRY Currency = 949 // Turkish Lira
	TTD Currency = 780 // Trinidad and Tobago Dollar
	TWD Currency = 901 // New Taiwan Dollar
	TZS Currency = 834 // Tanzanian Shilling
	UAH Currency = 980 // Hryvnia
	UGX Currency = 800 // Uganda Shilling
	USD Currency = 840 // US Dollar
	USN Currency = 997 // US Dollar (Next day)
	UYI Currency = 940 // Uruguay Peso en Unidades Indexadas (UI)
	UYU Currency = 858 // Peso Uruguayo
	UYW Currency = 927 // Unidad Previsional
	UZS Currency = 860 // Uzbekistan Sum
	VED Currency = 926 // Bolivar Soberano
	VES Currency = 928 // Bolivar Soberano
	VND Currency = 704 // Dong
	VUV Currency = 548 // Vatu
	WST Currency = 882 // Tala
	XAD Currency = 396 // Arab Accounting Dinar
	XAF Currency = 950 // CFA Franc BEAC
	XCD Currency = 951 // East Caribbean Dollar
	XCG Currency = 532 // Caribbean Guilder
	XOF Currency = 952 // CFA Franc BCEAO
	XPF Currency = 953 // CFP Franc
	YER Currency = 886 // Yemeni Rial
	ZAR Currency = 710 // Rand
	ZMW Currency = 967 // Zambian Kwacha
	ZWG Currency = 924 // Zimbabwe Gold
)

// entry is one row of the standard: the minor unit is ISO's exponent, not the digits a locale shows.
type entry struct {
	currency Currency
	code     string
	exponent uint8
	name     string
}

// iso4217 is ordered by code, because byCode searches it in halves. It is never written to.
var iso4217 = [...]entry{
	{AED, "AED", 2, "UAE Dirham"},
	{AFN, "AFN", 2, "Afghani"},
	{ALL, "ALL", 2, "Lek"},
	{AMD, "AMD", 2, "Armenian Dram"},
	{AOA, "AOA", 2, "Kwanza"},
	{ARS, "ARS", 2, "Argentine Peso"},
	{AUD, "AUD", 2, "Australian Dollar"},
	{AWG, "AWG", 2, "Aruban Florin"},
	{AZN, "AZN", 2, "Azerbaijan Manat"},
	{BAM, "BAM", 2, "Convertible Mark"},
	{BBD, "BBD", 2, "Barbados Dollar"},
	{BDT, "BDT", 2, "Taka"},
	{BHD, "BHD", 3, "Bahraini Dinar"},
	{BIF, "BIF", 0, "Burundi Franc"},
	{BMD, "BMD", 2, "Bermudian Dollar"},
	{BND, "BND", 2, "Brunei Dollar"},
	{BOB, "BOB", 2, "Boliviano"},
	{BOV, "BOV", 2, "Mvdol"},
	{BRL, "BRL", 2, "Brazilian Real"},
	{BSD, "BSD", 2, "Bahamian Dollar"},
	{BTN, "BTN", 2, "Ngultrum"},
	{BWP, "BWP", 2, "Pula"},
	{BYN, "BYN", 2, "Belarusian Ruble"},
	{BZD, "BZD", 2, "Belize Dollar"},
	{CAD, "CAD", 2, "Canadian Dollar"},
	{CDF, "CDF", 2, "Congolese Franc"},
	{CHE, "CHE", 2, "WIR Euro"},
	{CHF, "CHF", 2, "Swiss Franc"},
	{CHW, "CHW", 2, "WIR Franc"},
	{CLF, "CLF", 4, "Unidad de Fomento"},
	{CLP, "CLP", 0, "Chilean Peso"},
	{CNY, "CNY", 2, "Yuan Renminbi"},
	{COP, "COP", 2, "Colombian Peso"},
	{COU, "COU", 2, "Unidad de Valor Real"},
	{CRC, "CRC", 2, "Costa Rican Colon"},
	{CUP, "CUP", 2, "Cuban Peso"},
	{CVE, "CVE", 2, "Cabo Verde Escudo"},
	{CZK, "CZK", 2, "Czech Koruna"},
	{DJF, "DJF", 0, "Djibouti Franc"},
	{DKK, "DKK", 2, "Danish Krone"},
	{DOP, "DOP", 2, "Dominican Peso"},
	{DZD, "DZD", 2, "Algerian Dinar"},
	{EGP, "EGP", 2, "Egyptian Pound"},
	{ERN, "ERN", 2, "Nakfa"},
	{ETB, "ETB", 2, "Ethiopian Birr"},
	{EUR, "EUR", 2, "Euro"},
	{FJD, "FJD", 2, "Fiji Dollar"},
	{FKP, "FKP", 2, "Falkland Islands Pound"},
	{GBP, "GBP", 2, "Pound Sterling"},
	{GEL, "GEL", 2, "Lari"},
	{GHS, "GHS", 2, "Ghana Cedi"},
	{GIP, "GIP", 2, "Gibraltar Pound"},
	{GMD, "GMD", 2, "Dalasi"},
	{GNF, "GNF", 0, "Guinean Franc"},
	{GTQ, "GTQ", 2, "Quetzal"},
	{GYD, "GYD", 2, "Guyana Dollar"},
	{HKD, "HKD", 2, "Hong Kong Dollar"},
	{HNL, "HNL", 2, "Lempira"},
	{HTG, "HTG", 2, "Gourde"},
	{HUF, "HUF", 2, "Forint"},
	{IDR, "IDR", 2, "Rupiah"},
	{ILS, "ILS", 2, "New Israeli Sheqel"},
	{INR, "INR", 2, "Indian Rupee"},
	{IQD, "IQD", 3, "Iraqi Dinar"},
	{IRR, "IRR", 2, "Iranian Rial"},
	{ISK, "ISK", 0, "Iceland Krona"},
	{JMD, "JMD", 2, "Jamaican Dollar"},
	{JOD, "JOD", 3, "Jordanian Dinar"},
	{JPY, "JPY", 0, "Yen"},
	{KES, "KES", 2, "Kenyan Shilling"},
	{KGS, "KGS", 2, "Som"},
	{KHR, "KHR", 2, "Riel"},
	{KMF, "KMF", 0, "Comorian Franc"},
	{KPW, "KPW", 2, "North Korean Won"},
	{KRW, "KRW", 0, "Won"},
	{KWD, "KWD", 3, "Kuwaiti Dinar"},
	{KYD, "KYD", 2, "Cayman Islands Dollar"},
	{KZT, "KZT", 2, "Tenge"},
	{LAK, "LAK", 2, "Lao Kip"},
	{LBP, "LBP", 2, "Lebanese Pound"},
	{LKR, "LKR", 2, "Sri Lanka Rupee"},
	{LRD, "LRD", 2, "Liberian Dollar"},
	{LSL, "LSL", 2, "Loti"},
	{LYD, "LYD", 3, "Libyan Dinar"},
	{MAD, "MAD", 2, "Moroccan Dirham"},
	{MDL, "MDL", 2, "Moldovan Leu"},
	{MGA, "MGA", 2, "Malagasy Ariary"},
	{MKD, "MKD", 2, "Denar"},
	{MMK, "MMK", 2, "Kyat"},
	{MNT, "MNT", 2, "Tugrik"},
	{MOP, "MOP", 2, "Pataca"},
	{MRU, "MRU", 2, "Ouguiya"},
	{MUR, "MUR", 2, "Mauritius Rupee"},
	{MVR, "MVR", 2, "Rufiyaa"},
	{MWK, "MWK", 2, "Malawi Kwacha"},
	{MXN, "MXN", 2, "Mexican Peso"},
	{MXV, "MXV", 2, "Mexican Unidad de Inversion (UDI)"},
	{MYR, "MYR", 2, "Malaysian Ringgit"},
	{MZN, "MZN", 2, "Mozambique Metical"},
	{NAD, "NAD", 2, "Namibia Dollar"},
	{NGN, "NGN", 2, "Naira"},
	{NIO, "NIO", 2, "Cordoba Oro"},
	{NOK, "NOK", 2, "Norwegian Krone"},
	{NPR, "NPR", 2, "Nepalese Rupee"},
	{NZD, "NZD", 2, "New Zealand Dollar"},
	{OMR, "OMR", 3, "Rial Omani"},
	{PAB, "PAB", 2, "Balboa"},
	{PEN, "PEN", 2, "Sol"},
	{PGK, "PGK", 2, "Kina"},
	{PHP, "PHP", 2, "Philippine Peso"},
	{PKR, "PKR", 2, "Pakistan Rupee"},
	{PLN, "PLN", 2, "Zloty"},
	{PYG, "PYG", 0, "Guarani"},
	{QAR, "QAR", 2, "Qatari Rial"},
	{RON, "RON", 2, "Romanian Leu"},
	{RSD, "RSD", 2, "Serbian Dinar"},
	{RUB, "RUB", 2, "Russian Ruble"},
	{RWF, "RWF", 0, "Rwanda Franc"},
	{SAR, "SAR", 2, "Saudi Riyal"},
	{SBD, "SBD", 2, "Solomon Islands Dollar"},
	{SCR, "SCR", 2, "Seychelles Rupee"},
	{SDG, "SDG", 2, "Sudanese Pound"},
	{SEK, "SEK", 2, "Swedish Krona"},
	{SGD, "SGD", 2, "Singapore Dollar"},
	{SHP, "SHP", 2, "Saint Helena Pound"},
	{SLE, "SLE", 2, "Leone"},
	{SOS, "SOS", 2, "Somali Shilling"},
	{SRD, "SRD", 2, "Surinam Dollar"},
	{SSP, "SSP", 2, "South Sudanese Pound"},
	{STN, "STN", 2, "Dobra"},
	{SVC, "SVC", 2, "El Salvador Colon"},
	{SYP, "SYP", 2, "Syrian Pound"},
	{SZL, "SZL", 2, "Lilangeni"},
	{THB, "THB", 2, "Baht"},
	{TJS, "TJS", 2, "Somoni"},
	{TMT, "TMT", 2, "Turkmenistan New Manat"},
	{TND, "TND", 3, "Tunisian Dinar"},
	{TOP, "TOP", 2, "Pa'anga"},
	{TRY, "TRY", 2, "Turkish Lira"},
	{TTD, "TTD", 2, "Trinidad and Tobago Dollar"},
	{TWD, "TWD", 2, "New Taiwan Dollar"},
	{TZS, "TZS", 2, "Tanzanian Shilling"},
	{UAH, "UAH", 2, "Hryvnia"},
	{UGX, "UGX", 0, "Uganda Shilling"},
	{USD, "USD", 2, "US Dollar"},
	{USN, "USN", 2, "US Dollar (Next day)"},
	{UYI, "UYI", 0, "Uruguay Peso en Unidades Indexadas (UI)"},
	{UYU, "UYU", 2, "Peso Uruguayo"},
	{UYW, "UYW", 4, "Unidad Previsional"},
	{UZS, "UZS", 2, "Uzbekistan Sum"},
	{VED, "VED", 2, "Bolivar Soberano"},
	{VES, "VES", 2, "Bolivar Soberano"},
	{VND, "VND", 0, "Dong"},
	{VUV, "VUV", 0, "Vatu"},
	{WST, "WST", 2, "Tala"},
	{XAD, "XAD", 2, "Arab Accounting Dinar"},
	{XAF, "XAF", 0, "CFA Franc BEAC"},
	{XCD, "XCD", 2, "East Caribbean Dollar"},
	{XCG, "XCG", 2, "Caribbean Guilder"},
	{XOF, "XOF", 0, "CFA Franc BCEAO"},
	{XPF, "XPF", 0, "CFP Franc"},
	{YER, "YER", 2, "Yemeni Rial"},
	{ZAR, "ZAR", 2, "Rand"},
	{ZMW, "ZMW", 2, "Zambian Kwacha"},
	{ZWG, "ZWG", 2, "Zimbabwe Gold"},
}
