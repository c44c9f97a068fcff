// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/sops/stores.h"
#include "common/value/decimal.h"

namespace sluice::sops {
namespace {

// Go's 'G' format with the shortest digits, and a point where it would be an integer.
std::string FloatText(double number) {
  if (std::isnan(number)) return "NaN.0";
  if (std::isinf(number)) return number > 0 ? "+Inf" : "-Inf";
  const value::Decimal decimal(number, 64);
  if (decimal.exponent < -4 || decimal.exponent >= 21) {
    return absl::StrReplaceAll(decimal.Scientific(), {{"e", "E"}});
  }
  std::string text = decimal.Fixed();
  if (!absl::StrContains(text, ".")) text += ".0";
  return text;
}

}  // namespace

std::string PlainText(const Node& node) {
  switch (node.kind) {
    case Node::Kind::kNull:
      return "<nil>";
    case Node::Kind::kBool:
      return node.boolean ? "true" : "false";
    case Node::Kind::kInt:
    case Node::Kind::kUint:
      return absl::StrCat(node.integer);
    case Node::Kind::kFloat:
      return FloatText(node.number);
    default:
      return node.text;
  }
}

absl::StatusOr<EncryptedFile> LoadDotenv(absl::string_view text) {
  Document document;
  std::vector<std::pair<std::string, std::string>> metadata;
  for (absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    Entry entry;
    if (absl::ConsumePrefix(&line, "#")) {
      entry.comment = true;
      entry.key = std::string(line);
      document.push_back(std::move(entry));
      continue;
    }
    const size_t equals = line.find('=');
    if (equals == absl::string_view::npos) {
      return absl::InvalidArgumentError("invalid dotenv input line: it has no \"=\"");
    }
    absl::string_view key = line.substr(0, equals);
    const std::string value = absl::StrReplaceAll(line.substr(equals + 1), {{"\\n", "\n"}});
    if (absl::ConsumePrefix(&key, "sops_")) {
      metadata.emplace_back(key, value);
      continue;
    }
    entry.key = std::string(key);
    entry.value = Node::Text(Node::Kind::kString, value);
    document.push_back(std::move(entry));
    if (document.size() > kMaxNodes) return absl::ResourceExhaustedError("too many lines");
  }
  EncryptedFile file;
  ASSIGN_OR_RETURN(const Value sops, UnflattenMetadata(metadata));
  ASSIGN_OR_RETURN(file.metadata, ParseMetadata(sops));
  file.documents.push_back(std::move(document));
  return file;
}

absl::StatusOr<std::string> EmitDotenv(const Document& document) {
  std::string out;
  for (const Entry& entry : document) {
    if (entry.comment) {
      absl::StrAppend(&out, "#", entry.key, "\n");
      continue;
    }
    if (entry.value.kind == Node::Kind::kList || entry.value.kind == Node::Kind::kMap) {
      return absl::InvalidArgumentError(
          absl::StrCat("cannot use complex value in dotenv file; offending key ", entry.key));
    }
    absl::StrAppend(&out, entry.key, "=",
                    entry.value.kind == Node::Kind::kString
                        ? absl::StrReplaceAll(entry.value.text, {{"\n", "\\n"}})
                        : PlainText(entry.value),
                    "\n");
  }
  return out;
}

}  // namespace sluice::sops
