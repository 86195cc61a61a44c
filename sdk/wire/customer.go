package wire

import (
	"github.com/paymux/paymux/sdk"
	pb "github.com/paymux/paymux/sdk/proto/provider/v1"
)

func customerToProto(c sdk.Customer) *pb.Customer {
	return &pb.Customer{
		Id:               c.ID,
		Name:             c.Name,
		Surname:          c.Surname,
		Email:            c.Email,
		Phone:            c.Phone,
		Address:          c.Address,
		City:             c.City,
		State:            c.State,
		ZipCode:          c.ZIPCode,
		Country:          c.Country,
		ProviderCustomer: c.ProviderCustomer,
		NextAction:       nextActionToProto(c.NextAction),
	}
}

func (r *reader) customer(c *pb.Customer) sdk.Customer {
	return sdk.Customer{
		ID:               c.GetId(),
		Name:             c.GetName(),
		Surname:          c.GetSurname(),
		Email:            c.GetEmail(),
		Phone:            c.GetPhone(),
		Address:          c.GetAddress(),
		City:             c.GetCity(),
		State:            c.GetState(),
		ZIPCode:          c.GetZipCode(),
		Country:          c.GetCountry(),
		ProviderCustomer: c.GetProviderCustomer(),
		NextAction:       r.nextAction(c.GetNextAction()),
	}
}

func bankAccountToProto(b *sdk.BankAccount) *pb.BankAccount {
	if b == nil {
		return nil
	}
	return &pb.BankAccount{Iban: b.IBAN, BankCode: b.BankCode, AccountNumber: b.AccountNumber, Holder: b.Holder}
}

func bankAccountFromProto(b *pb.BankAccount) *sdk.BankAccount {
	if b == nil {
		return nil
	}
	return &sdk.BankAccount{
		IBAN:          b.GetIban(),
		BankCode:      b.GetBankCode(),
		AccountNumber: b.GetAccountNumber(),
		Holder:        b.GetHolder(),
	}
}

func cardToProto(c *sdk.Card) *pb.Card {
	if c == nil {
		return nil
	}
	return &pb.Card{
		Number:   c.Number,
		Holder:   c.Holder,
		ExpMonth: int32Of(c.ExpMonth),
		ExpYear:  int32Of(c.ExpYear),
		Cvv:      c.CVV,
	}
}

func cardFromProto(c *pb.Card) *sdk.Card {
	if c == nil {
		return nil
	}
	return &sdk.Card{
		Number:   c.GetNumber(),
		Holder:   c.GetHolder(),
		ExpMonth: int(c.GetExpMonth()),
		ExpYear:  int(c.GetExpYear()),
		CVV:      c.GetCvv(),
	}
}

func browserToProto(b *sdk.Browser) *pb.Browser {
	if b == nil {
		return nil
	}
	return &pb.Browser{
		UserAgent:    b.UserAgent,
		Accept:       b.Accept,
		Language:     b.Language,
		ScreenWidth:  int32Of(b.ScreenWidth),
		ScreenHeight: int32Of(b.ScreenHeight),
		Timezone:     b.Timezone,
	}
}

func browserFromProto(b *pb.Browser) *sdk.Browser {
	if b == nil {
		return nil
	}
	return &sdk.Browser{
		UserAgent:    b.GetUserAgent(),
		Accept:       b.GetAccept(),
		Language:     b.GetLanguage(),
		ScreenWidth:  int(b.GetScreenWidth()),
		ScreenHeight: int(b.GetScreenHeight()),
		Timezone:     b.GetTimezone(),
	}
}
