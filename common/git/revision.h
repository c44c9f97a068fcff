// Revision strings, as status.artifact.revision has them: "main@sha1:<hex>",
// "refs/pull/1/head@sha1:<hex>", "sha1:<hex>" (fluxcd/pkg git, Commit.String and
// TransformRevision).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace sluice::git {

// "sha1:<hash>"; a hash that has not 40 characters gets the algorithm "<unknown>". "" for "".
std::string HashDigest(absl::string_view hash);

// Everything after the second "/" of a full reference name: "refs/heads/feature/x" is "feature/x".
// "" for a name with less than two.
absl::string_view ShortRefName(absl::string_view ref);

// "<short name>@sha1:<hash>", or "sha1:<hash>" if `ref` has no short name.
std::string ShortRevision(absl::string_view ref, absl::string_view hash);
// "<ref>@sha1:<hash>", or "sha1:<hash>" if `ref` is empty.
std::string FullRevision(absl::string_view ref, absl::string_view hash);

// The form of before Flux 0.41, "main/<hash>", "HEAD/<hash>" or "<hash>", rewritten as today's.
// What has a ":" in it is returned as it is.
std::string NormalizeRevision(absl::string_view revision);

// The hash in a revision of either form; "" if there is none.
std::string RevisionHash(absl::string_view revision);

}  // namespace sluice::git
