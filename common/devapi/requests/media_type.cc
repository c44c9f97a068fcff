// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/requests/media_type.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "common/devapi/requests/api_error.h"

namespace sluice::devapi {
namespace {

constexpr size_t kMaxAccept = 16 << 10;

bool Understood(const MediaType& media, Negotiated& result) {
  result = Negotiated{};
  result.yaml = media.type == "application/yaml";
  const bool any = media.type == "*/*" || media.type == "application/*";
  if (!any && !result.yaml && media.type != "application/json") return false;
  const absl::string_view as = media.Get("as");
  if (as.empty()) return true;
  const absl::string_view group = media.Get("g");
  const absl::string_view version = media.Get("v");
  if (group != "meta.k8s.io" || (version != "v1" && version != "v1beta1")) return false;
  if (as == "Table") {
    result.form = Form::kTable;
  } else if (as == "PartialObjectMetadata") {
    result.form = Form::kPartialMetadata;
  } else if (as == "PartialObjectMetadataList") {
    result.form = Form::kPartialMetadataList;
  } else {
    return false;
  }
  return true;
}

}  // namespace

absl::string_view MediaType::Get(absl::string_view name) const {
  for (const auto& [key, text] : parameters) {
    if (key == name) return text;
  }
  return "";
}

std::vector<MediaType> ParseAccept(absl::string_view accept) {
  std::vector<MediaType> result;
  if (accept.size() > kMaxAccept) return result;
  for (absl::string_view entry : absl::StrSplit(accept, ',')) {
    MediaType media;
    bool first = true;
    for (absl::string_view part : absl::StrSplit(entry, ';')) {
      part = absl::StripAsciiWhitespace(part);
      if (first) {
        media.type = absl::AsciiStrToLower(part);
        first = false;
        continue;
      }
      const size_t equal = part.find('=');
      if (equal == absl::string_view::npos) continue;
      media.parameters.emplace_back(absl::AsciiStrToLower(part.substr(0, equal)),
                                    std::string(part.substr(equal + 1)));
    }
    if (!media.type.empty()) result.push_back(std::move(media));
  }
  return result;
}

absl::StatusOr<Negotiated> NegotiateResource(absl::string_view accept, const Query& query) {
  Negotiated result;
  const std::vector<MediaType> wanted = ParseAccept(accept);
  bool found = wanted.empty();
  for (const MediaType& media : wanted) {
    if (Understood(media, result)) {
      found = true;
      break;
    }
  }
  if (!found) return NotAcceptable("application/json, application/yaml");
  const absl::string_view pretty = query.Get("pretty");
  result.pretty = query.Has("pretty") && pretty != "0" && pretty != "false";
  return result;
}

std::string BareContentType(absl::string_view header) {
  return absl::AsciiStrToLower(absl::StripAsciiWhitespace(header.substr(0, header.find(';'))));
}

}  // namespace sluice::devapi
