// The serving side of a fetch (git-upload-pack), protocol versions 0 and 2: references, shallow
// fetches, and packs of what the client lacks. For the Git server of tests and the quickstart, and
// for fetching from a repository on this machine. Memory grows with the history that is looked at:
// this is not made to host large repositories.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/base/context.h"
#include "common/git/repository.h"

namespace sluice::git {

struct UploadPackOptions {
  bool version2 = true;  // speak version 2 with clients that ask for it
  bool shallow = true;   // allow "deepen"
  bool any_want = true;  // send commits that no reference points at, if one leads to them
};

// What an answer is written to; an error stops the answer and is returned.
using ByteSink = absl::FunctionRef<absl::Status(absl::string_view bytes)>;

// Whether a client's Git-Protocol header or variable asks for version 2.
bool AsksForVersion2(absl::string_view git_protocol);

// The advertisement: references in version 0, capabilities in version 2.
absl::Status Advertise(const Repository& repository, int version, const UploadPackOptions& options,
                       ByteSink sink);

// Answers a request: version 0's wants and haves, or a command of version 2. A stateless exchange,
// as over HTTP: each request tells all. What is wrong with a request goes to the client as an "ERR"
// packet and is returned as kInvalidArgument.
absl::Status AnswerUploadPack(const Context& ctx, const Repository& repository, int version,
                              absl::string_view request, const UploadPackOptions& options,
                              ByteSink sink);

}  // namespace sluice::git
