// SPDX-License-Identifier: Apache-2.0
#include "common/helm_repository/go_decoder.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/duration.h"
#include "common/text/quote.h"

namespace sluice::helm_repository {
namespace {

using Kind = IndexEvent::Kind;
using Type = IndexEvent::Type;

absl::string_view JsonType(const IndexEvent& event) {
  if (event.kind == Kind::kListStart) return "array";
  if (event.kind == Kind::kMapStart) return "object";
  if (event.type == Type::kBool) return "bool";
  return event.type == Type::kNumber ? "number" : "string";
}

}  // namespace

absl::Status GoDecoder::Mismatch(absl::string_view field, absl::string_view type) const {
  return absl::InvalidArgumentError(absl::StrCat("json: cannot unmarshal ", JsonType(event_),
                                                 " into Go struct field ", field, " of type ",
                                                 type));
}

absl::StatusOr<size_t> GoDecoder::FindField(std::span<const absl::string_view> names,
                                            std::bitset<kMaxFields>& seen) const {
  size_t index = 0;
  while (index < names.size() && names[index] != event_.text) ++index;
  if (index == names.size()) {
    for (index = 0; index < names.size(); ++index) {
      if (absl::EqualsIgnoreCase(names[index], event_.text)) break;
    }
    if (strict_ && index == names.size()) {
      return absl::InvalidArgumentError(
          absl::StrCat("json: unknown field ", text::Quote(event_.text)));
    }
  }
  // Also of a name written in another case: the other reader sees what is repeated.
  if (text_ && index < names.size()) {
    if (seen.test(index)) return absl::UnimplementedError("a repeated key");
    seen.set(index);
  }
  return index;
}

absl::Status GoDecoder::Skip() {
  size_t depth = 0;
  while (true) {
    if (event_.kind == Kind::kMapStart || event_.kind == Kind::kListStart) {
      ++depth;
    } else if (event_.kind == Kind::kMapEnd || event_.kind == Kind::kListEnd) {
      --depth;
    }
    if (depth == 0) return absl::OkStatus();
    RETURN_IF_ERROR(Advance());
  }
}

// The readers bound the depth.
absl::Status GoDecoder::Any(Value& target) {
  switch (event_.kind) {
    case Kind::kScalar:
      if (event_.type == Type::kString) target = event_.text;
      if (event_.type == Type::kBool) target = event_.text == "true";
      if (event_.type == Type::kNumber) target = event_.number;
      return absl::OkStatus();
    case Kind::kListStart: {
      Value::Array items;
      while (true) {
        RETURN_IF_ERROR(Advance());
        if (event_.kind == Kind::kListEnd) break;
        RETURN_IF_ERROR(Any(items.emplace_back()));
      }
      target = Value(std::move(items));
      return absl::OkStatus();
    }
    case Kind::kMapStart: {
      Value::Object members;
      while (true) {
        RETURN_IF_ERROR(Advance());
        if (event_.kind == Kind::kMapEnd) break;
        value::Member& member = members.emplace_back();
        member.key = std::string(event_.text);
        RETURN_IF_ERROR(Advance());
        RETURN_IF_ERROR(Any(member.value));
      }
      const size_t written = members.size();
      target = Value::FromMembers(std::move(members));
      if (text_ && target.size() != written) return absl::UnimplementedError("a repeated key");
      return absl::OkStatus();
    }
    default:
      return absl::OkStatus();
  }
}

absl::Status GoDecoder::Text(absl::string_view& target, Scalars scalars, absl::string_view field,
                             absl::string_view parent) {
  if (AtNull()) return absl::OkStatus();
  const bool printed = strict_ && scalars == Scalars::kPrinted;
  if (event_.kind == Kind::kScalar && (event_.type == Type::kString || printed)) {
    target = event_.text;
    return absl::OkStatus();
  }
  return Mismatch(absl::StrCat(parent, field), "string");
}

absl::Status GoDecoder::Bool(bool& target, absl::string_view field) {
  if (AtNull()) return absl::OkStatus();
  if (event_.kind != Kind::kScalar || event_.type != Type::kBool) return Mismatch(field, "bool");
  target = event_.text == "true";
  return absl::OkStatus();
}

// Go keeps the offset and drops zeros at the fraction's end.
absl::Status GoDecoder::Time(std::string& target) {
  if (AtNull()) return absl::OkStatus();
  if (event_.kind != Kind::kScalar || event_.type != Type::kString) {
    return absl::InvalidArgumentError("Time.UnmarshalJSON: input is not a JSON string");
  }
  if (const auto time = ParseRfc3339(event_.text); !time.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("parsing time ", text::Quote(event_.text), " as RFC 3339: cannot parse it"));
  }
  target = std::string(event_.text);
  if (const size_t dot = target.find('.'); dot != std::string::npos) {
    size_t end = dot + 1;
    while (end < target.size() && absl::ascii_isdigit(static_cast<unsigned char>(target[end]))) {
      ++end;
    }
    size_t kept = std::min(end, dot + 10);  // nanoseconds
    while (kept > dot + 1 && target[kept - 1] == '0') --kept;
    if (kept == dot + 1) kept = dot;
    target.erase(kept, end - kept);
  }
  for (const char* zero : {"+00:00", "-00:00"}) {
    if (absl::EndsWith(target, zero)) target.replace(target.size() - 6, 6, "Z");
  }
  return absl::OkStatus();
}

absl::Status GoDecoder::Texts(TextList& target, Scalars scalars, absl::string_view field) {
  if (AtNull()) return absl::OkStatus();
  target.is_null = false;
  return List(field, "[]string", [&] { return Text(target.items.emplace_back(), scalars, field); });
}

}  // namespace sluice::helm_repository
