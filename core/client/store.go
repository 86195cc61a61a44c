package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"

	"github.com/paymux/paymux/core/api"
)

// StoreStats returns figures of the engine's store. It needs an operator's key.
func (c *Client) StoreStats(ctx context.Context) (api.StoreStats, error) {
	var stats api.StoreStats
	_, err := c.do(ctx, call{method: http.MethodGet, path: "/v1/store/stats"}, &stats)
	return stats, err
}

// Backup writes a copy of the engine's store, as it is at one instant, to w and
// returns its size. It needs an operator's key. Only ctx bounds how long it takes.
// What was written is no backup where there is an error, as when the connection ends
// early; the engine's `store check` says whether it is whole.
func (c *Client) Backup(ctx context.Context, w io.Writer) (int64, error) {
	n, err := c.backup(ctx, w)
	if err != nil {
		return n, fmt.Errorf("client: GET /v1/store/backup: %w", err)
	}
	return n, nil
}

func (c *Client) backup(ctx context.Context, w io.Writer) (int64, error) {
	req, err := c.request(ctx, call{method: http.MethodGet, path: "/v1/store/backup"})
	if err != nil {
		return 0, err
	}
	resp, err := c.patient.Do(req)
	if err != nil {
		return 0, withoutURL(err)
	}
	defer resp.Body.Close()
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if resp.StatusCode != http.StatusOK || kind != "application/octet-stream" {
		return 0, refused(resp)
	}
	if resp.ContentLength < 0 {
		return 0, errors.New("the answer does not tell its size, by which its end is known")
	}
	return io.Copy(w, resp.Body)
}

// refused reads an answer that is not the one that was asked for.
func refused(resp *http.Response) error {
	var other any
	if err := read(resp, &other); err != nil {
		return err
	}
	return errors.New("this is no answer of an engine, check the URL")
}
