package sandbox_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/plugins/cenoa/sandbox"
)

func TestLookUpsByEnding(t *testing.T) {
	t.Parallel()
	type seen struct {
		Answered   bool
		Status     int
		Found      bool
		RetryAfter string
		Lists      [3]int
	}
	well := [3]int{200, 200, 200}
	tests := map[string]seen{
		phone:           {true, 200, true, "", well},
		"+905551110000": {true, 404, false, "", well},
		"+905551110001": {true, 200, false, "", well},
		"+905551110002": {false, 0, false, "", well},
		"+905551110401": {true, 401, false, "", well},
		"+905551110429": {true, 429, false, "2", [3]int{429, 429, 200}},
		"+905551110500": {true, 500, false, "", [3]int{500, 500, 200}},
		"905551112233":  {true, 400, false, "", well},
		"+90555":        {true, 400, false, "", well},
		"":              {true, 400, false, "", well},
	}
	for number, want := range tests {
		t.Run(number, func(t *testing.T) {
			t.Parallel()
			s := open(t, sandbox.Options{})
			got := s.lookUp(number)
			saw := seen{Answered: got.Err == nil, Status: got.Status, Found: got.object()["userId"] != nil}
			if got.Header != nil {
				saw.RetryAfter = got.Header.Get("Retry-After")
			}
			for i := range saw.Lists {
				saw.Lists[i] = s.list("page=1").Status
			}
			if diff := cmp.Diff(want, saw); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if _, told := got.object()["userId"]; got.Status == 200 && !told {
				t.Errorf("userId is absent, not null: %s", got.Text)
			}
		})
	}
}

func TestAUserIsTheSameEachTimeAndMasked(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	first, second := s.lookUp(phone), s.lookUp(phone)
	if first.Text != second.Text || first.object()["email"] != "j***@example.com" || first.object()["phone"] != phone {
		t.Errorf("got %s and %s", first.Text, second.Text)
	}
	if users := s.State().Users; len(users) != 1 || users[0].ID != first.object()["userId"] {
		t.Errorf("got the users %+v", users)
	}
	if other := s.lookUp("+905551112234"); other.object()["userId"] == first.object()["userId"] {
		t.Error("two phones are one user")
	}
}

func TestAddUserCountsMoreThanTheEnding(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	user, err := s.AddUser("+905551110000", "maria@example.org")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"userId": user.ID, "email": "m***@example.org", "phone": "+905551110000"}
	if diff := cmp.Diff(want, s.lookUp("+905551110000").object()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestAddUserRefuses(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	for _, bad := range [][2]string{{"", ""}, {"0555", ""}, {phone, "maria"}} {
		_, err := s.AddUser(bad[0], bad[1])
		wantErr(t, err, sandbox.ErrBadUser)
	}
}
