// SPDX-License-Identifier: Apache-2.0
#include "common/helm_repository/yaml_events.h"

#include <array>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "common/value/yaml_scalar.h"

namespace sluice::helm_repository {
namespace {

using Kind = value::YamlEvent::Kind;

// Plain scalars that begin with any other character are strings without a closer look.
constexpr std::array<bool, 256> HintTable() {
  std::array<bool, 256> table = {};
  for (const char c : absl::string_view("0123456789+-.~<=yYnNtTfFoO")) {
    table[static_cast<unsigned char>(c)] = true;
  }
  return table;
}
constexpr std::array<bool, 256> kHints = HintTable();

bool MayBeTyped(absl::string_view text) {
  return text.empty() || kHints[static_cast<unsigned char>(text[0])];
}

}  // namespace

YamlEvents::YamlEvents(absl::string_view text, Documents documents)
    : documents_(documents), parser_(text, value::YamlScanner::Comments::kDrop) {}

bool YamlEvents::Fail(absl::Status status) {
  status_ = std::move(status);
  return false;
}

void YamlEvents::Completed() {
  if (!open_.empty() && open_.back().map) open_.back().at_key = !open_.back().at_key;
}

bool YamlEvents::Next(IndexEvent& event) {
  if (!status_.ok()) return false;
  while (!ended_) {
    if (!parser_.Next(event_)) {
      return Fail(absl::InvalidArgumentError(parser_.error().Message(/*v3=*/false)));
    }
    if (!event_.anchor.empty() || !event_.tag.empty()) {
      return Fail(absl::UnimplementedError("anchors and tags"));
    }
    const bool key = !open_.empty() && open_.back().map && open_.back().at_key;
    switch (event_.kind) {
      case Kind::kStreamStart:
        continue;
      case Kind::kDocumentStart:
        if (started_) return Fail(absl::UnimplementedError("another document"));
        started_ = true;
        continue;
      case Kind::kDocumentEnd:
        ended_ = documents_ == Documents::kFirst;
        continue;
      case Kind::kStreamEnd:
        ended_ = true;
        continue;
      case Kind::kAlias:
        return Fail(absl::UnimplementedError("aliases"));
      case Kind::kScalar:
        return Scalar(event);
      case Kind::kSequenceStart:
      case Kind::kMappingStart:
        if (key) return Fail(absl::UnimplementedError("a collection as a key"));
        event.kind = event_.kind == Kind::kMappingStart ? IndexEvent::Kind::kMapStart
                                                        : IndexEvent::Kind::kListStart;
        open_.push_back({event_.kind == Kind::kMappingStart, true});
        return true;
      case Kind::kSequenceEnd:
      case Kind::kMappingEnd:
        event.kind = event_.kind == Kind::kMappingEnd ? IndexEvent::Kind::kMapEnd
                                                      : IndexEvent::Kind::kListEnd;
        open_.pop_back();
        Completed();
        return true;
    }
  }
  event.kind = IndexEvent::Kind::kEnd;
  return true;
}

bool YamlEvents::Scalar(IndexEvent& event) {
  const bool key = !open_.empty() && open_.back().map && open_.back().at_key;
  event.kind = IndexEvent::Kind::kScalar;
  event.type = IndexEvent::Type::kString;
  event.text = event_.value;
  if (event_.implicit && MayBeTyped(event_.value)) {
    using ScalarKind = value::YamlScalar::Kind;
    const value::YamlScalar scalar =
        value::ResolveYamlScalar(event_.value, value::YamlDialect::kV2);
    const bool text = scalar.kind == ScalarKind::kString || scalar.kind == ScalarKind::kTimestamp;
    if ((key && !text) || scalar.kind == ScalarKind::kMerge) {
      return Fail(absl::UnimplementedError("a key that is no string"));
    }
    switch (scalar.kind) {
      case ScalarKind::kNull:
        event.type = IndexEvent::Type::kNull;
        break;
      case ScalarKind::kBool:
        event.type = IndexEvent::Type::kBool;
        event.text = scalar.boolean ? "true" : "false";
        break;
      case ScalarKind::kInt:
      case ScalarKind::kUint:
        event.type = IndexEvent::Type::kNumber;
        event.number = scalar.kind == ScalarKind::kInt ? Value(scalar.integer)
                                                       : Value(scalar.unsigned_integer);
        event.text = kept_.emplace_back(scalar.kind == ScalarKind::kInt
                                            ? absl::StrCat(scalar.integer)
                                            : absl::StrCat(scalar.unsigned_integer));
        break;
      case ScalarKind::kFloat:
        if (!std::isfinite(scalar.number)) {
          return Fail(absl::UnimplementedError("a number that JSON does not have"));
        }
        event.type = IndexEvent::Type::kNumber;
        event.number = scalar.number;
        event.text = kept_.emplace_back(value::FormatYamlFloat(scalar.number));
        break;
      default:
        break;
    }
  }
  Completed();
  return true;
}

}  // namespace sluice::helm_repository
