// The serving side of a push (git-receive-pack): takes a pack and changes references, all checked
// against what the client saw. For the Git server of tests and the quickstart.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/base/context.h"
#include "common/git/repository.h"
#include "common/git/upload_pack.h"

namespace sluice::git {

absl::Status AdvertiseReceivePack(const Repository& repository, ByteSink sink);

// Answers a request: commands and, unless all delete, a pack. Each reference is changed or refused
// by itself, and the client is told which. The branch that a work tree has checked out is refused,
// since nothing here changes work trees. kInvalidArgument for what is no such request.
absl::Status AnswerReceivePack(const Context& ctx, Repository& repository,
                               absl::string_view request, ByteSink sink);

}  // namespace sluice::git
