// Remote: one Git repository somewhere else: what references it has, and packs of what is wanted.
//
//   ASSIGN_OR_RETURN(auto remote, Remote::Open(url, auth, options));
//   ASSIGN_OR_RETURN(std::vector<RemoteRef> refs, remote->ListRefs(ctx, {"refs/heads/main"}));
//   RETURN_IF_ERROR(remote->FetchPack(ctx, {.wants = {refs[0].id}, .depth = 1}, sink));
//
// The wire protocol is ours and not libgit2's: version 1.5 fetches whole histories only, knows no
// protocol version 2, and has no time limits (docs/adr/0012).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/context.h"
#include "common/git/advertisement.h"
#include "common/git/auth.h"
#include "common/git/connect.h"
#include "common/git/fetch_protocol.h"
#include "common/git/wire.h"

namespace sluice::git {

// Not thread-safe. Errors carry no URL; see wire.h for their codes.
class Remote {
 public:
  // Connects to nothing yet. kInvalidArgument for a URL, key or certificate that cannot be used.
  static absl::StatusOr<std::unique_ptr<Remote>> Open(absl::string_view url, const Auth& auth,
                                                      RemoteOptions options);
  // Over a given wire, for tests.
  Remote(Connector connect, RemoteOptions options);

  // What the repository has; all of it if `prefixes` is empty. A server that speaks version 2 sends
  // only what starts with one of them; from one that does not, other references may come too. An
  // empty repository has none. kResourceExhausted beyond the limits.
  absl::StatusOr<std::vector<RemoteRef>> ListRefs(const Context& ctx,
                                                  std::vector<std::string> prefixes);

  // Hands the pack that answers `request` to `on_pack`, in pieces; not verified in any way.
  // Connects if need be. kFailedPrecondition or kNotFound when the server will not send what is
  // wanted.
  absl::Status FetchPack(const Context& ctx, const FetchRequest& request,
                         const FetchResponseReader::OnPack& on_pack);

  // Known after the first successful ListRefs().
  const Advertisement& server() const { return server_; }

 private:
  absl::Status Connect(const Context& ctx);

  const Connector connect_;
  const RemoteOptions options_;
  std::unique_ptr<Wire> wire_;  // null: not connected, or used up
  Advertisement server_;
};

}  // namespace sluice::git
