// SPDX-License-Identifier: Apache-2.0
#include "common/sops/format.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/sops/stores.h"

namespace sluice::sops {
namespace {

absl::StatusOr<std::string> EmitBinary(const Documents& documents) {
  constexpr absl::string_view kError = "error emitting binary store: ";
  if (documents.size() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat(kError, "there must be exactly one tree branch"));
  }
  for (const Entry& entry : documents.front()) {
    if (entry.comment || entry.key != "data") continue;
    if (entry.value.kind != Node::Kind::kString) {
      return absl::InvalidArgumentError(
          absl::StrCat(kError, "'data' key in tree does not have a string value"));
    }
    return entry.value.text;
  }
  return absl::InvalidArgumentError(absl::StrCat(kError, "no binary data found in tree"));
}

absl::string_view Marker(Format format) {
  switch (format) {
    case Format::kBinary:
    case Format::kJson:
      return "\"mac\": \"ENC[";
    case Format::kDotenv:
      return "sops_mac=ENC[";
    case Format::kIni:
      return "[sops]";
    case Format::kYaml:
      break;
  }
  return "mac: ENC[";
}

}  // namespace

absl::string_view FormatName(Format format) {
  switch (format) {
    case Format::kBinary:
      return "binary";
    case Format::kDotenv:
      return "dotenv";
    case Format::kIni:
      return "INI";
    case Format::kJson:
      return "JSON";
    case Format::kYaml:
      break;
  }
  return "YAML";
}

Format FormatForPath(absl::string_view path) {
  if (absl::EndsWith(path, ".dockerconfigjson") || absl::EndsWith(path, ".json")) {
    return Format::kJson;
  }
  if (absl::EndsWith(path, ".yaml") || absl::EndsWith(path, ".yml")) return Format::kYaml;
  if (absl::EndsWith(path, ".env")) return Format::kDotenv;
  if (absl::EndsWith(path, ".ini")) return Format::kIni;
  return Format::kBinary;
}

bool LooksEncrypted(absl::string_view text, Format format) {
  return absl::StrContains(text, Marker(format));
}

std::optional<Format> DetectFormat(absl::string_view text) {
  for (const Format format : {Format::kJson, Format::kDotenv, Format::kIni, Format::kYaml}) {
    if (LooksEncrypted(text, format)) return format;
  }
  return std::nullopt;
}

absl::StatusOr<EncryptedFile> LoadEncrypted(absl::string_view text, Format format) {
  switch (format) {
    case Format::kBinary:
    case Format::kJson:
      return LoadJson(text);
    case Format::kDotenv:
      return LoadDotenv(text);
    case Format::kIni:
      return LoadIni(text);
    case Format::kYaml:
      break;
  }
  return LoadYaml(text);
}

absl::StatusOr<std::string> EmitPlain(const Documents& documents, Format format) {
  if (documents.empty()) return absl::InvalidArgumentError("there is no document");
  switch (format) {
    case Format::kBinary:
      return EmitBinary(documents);
    case Format::kJson:
      return EmitJson(documents.front());
    case Format::kDotenv:
      return EmitDotenv(documents.front());
    case Format::kIni:
      return EmitIni(documents.front());
    case Format::kYaml:
      break;
  }
  return EmitYaml(documents);
}

}  // namespace sluice::sops
