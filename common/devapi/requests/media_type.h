// What a client wants to be answered with, from its Accept header.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/devapi/requests/request_info.h"

namespace sluice::devapi {

struct MediaType {
  std::string type;  // "application/json", lower case
  std::vector<std::pair<std::string, std::string>> parameters;

  absl::string_view Get(absl::string_view name) const;
};

// The entries of an Accept header, in order; weights are ignored, as the server ignores them.
std::vector<MediaType> ParseAccept(absl::string_view accept);

enum class Form { kObject, kTable, kPartialMetadata, kPartialMetadataList };

struct Negotiated {
  Form form = Form::kObject;
  bool yaml = false;
  bool pretty = false;
};

// The first entry that can be answered for a resource. Protobuf cannot; a client that accepts
// nothing else gets the 406 of the real server for kinds without protobuf.
absl::StatusOr<Negotiated> NegotiateResource(absl::string_view accept, const Query& query);

// The Content-Type of a body without its parameters, lower case.
std::string BareContentType(absl::string_view header);

}  // namespace sluice::devapi
