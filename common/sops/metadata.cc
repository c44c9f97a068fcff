// SPDX-License-Identifier: Apache-2.0
#include "common/sops/metadata.h"

#include <cmath>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "common/base/status_macros.h"

namespace sluice::sops {
namespace {

constexpr char kDefaultUnencryptedSuffix[] = "_unencrypted";
constexpr absl::string_view kMapSeparator = "__map_";
constexpr absl::string_view kListSeparator = "__list_";
constexpr size_t kMaxListItems = 1000;
constexpr size_t kMaxPath = 16;

absl::Status Malformed(absl::string_view field, absl::string_view expected) {
  return absl::InvalidArgumentError(absl::StrCat("sops.", field, " is not ", expected));
}

// A text, "" if it is absent.
absl::StatusOr<std::string> TextOf(const Value& object, absl::string_view field) {
  const Value& value = object[field];
  if (!value.is_null() && !value.is_string()) return Malformed(field, "a string");
  return std::string(value.str());
}

// In the words of Go's time.Parse where the text does not even begin as a time.
absl::Status CheckTime(absl::string_view text) {
  absl::Time time;
  if (absl::ParseTime(absl::RFC3339_full, text, &time, nullptr)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("parsing time \"", text, "\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"",
                   text, "\" as \"2006\""));
}

absl::Status ReadContext(const Value& context, MasterKey& key) {
  if (!context.is_null() && !context.is_object()) return Malformed("kms.context", "an object");
  for (const value::Member& member : context.members()) {
    if (!member.value.is_string()) return Malformed("kms.context", "an object of strings");
    key.context[member.key] = std::string(member.value.str());
  }
  return absl::OkStatus();
}

struct KeyList {
  const char* field;  // of the metadata
  KeyType type;
  const char* id;
  bool dated;
};
// In the order that their keys are tried in; age and PGP come before all others.
constexpr KeyList kKeyLists[] = {
    {"age", KeyType::kAge, "recipient", false},
    {"pgp", KeyType::kPgp, "fp", true},
    {"kms", KeyType::kAwsKms, "arn", true},
    {"gcp_kms", KeyType::kGcpKms, "resource_id", true},
    {"hckms", KeyType::kHuaweiKms, "key_id", true},
    {"azure_kv", KeyType::kAzureKeyVault, "vault_url", true},
    {"hc_vault", KeyType::kVault, "vault_address", true},
};

absl::StatusOr<MasterKey> ReadKey(const KeyList& list, const Value& value) {
  if (!value.is_object()) return Malformed(list.field, "a list of objects");
  MasterKey key;
  key.type = list.type;
  ASSIGN_OR_RETURN(key.id, TextOf(value, list.id));
  ASSIGN_OR_RETURN(key.encrypted_key, TextOf(value, "enc"));
  if (list.dated) {
    ASSIGN_OR_RETURN(const std::string created, TextOf(value, "created_at"));
    RETURN_IF_ERROR(CheckTime(created));
  }
  if (list.type == KeyType::kAwsKms) {
    ASSIGN_OR_RETURN(key.role, TextOf(value, "role"));
    ASSIGN_OR_RETURN(key.profile, TextOf(value, "aws_profile"));
    RETURN_IF_ERROR(ReadContext(value["context"], key));
  } else if (list.type == KeyType::kAzureKeyVault) {
    ASSIGN_OR_RETURN(key.key_name, TextOf(value, "name"));
    ASSIGN_OR_RETURN(key.version, TextOf(value, "version"));
  } else if (list.type == KeyType::kVault) {
    ASSIGN_OR_RETURN(key.engine_path, TextOf(value, "engine_path"));
    ASSIGN_OR_RETURN(key.key_name, TextOf(value, "key_name"));
  }
  return key;
}

absl::StatusOr<KeyGroup> ReadGroup(const Value& object) {
  KeyGroup group;
  for (const KeyList& list : kKeyLists) {
    const Value& keys = object[list.field];
    if (!keys.is_null() && !keys.is_array()) return Malformed(list.field, "a list");
    for (const Value& item : keys.items()) {
      if (group.size() == kMaxMasterKeys) {
        return absl::ResourceExhaustedError("too many master keys in the sops metadata");
      }
      ASSIGN_OR_RETURN(MasterKey key, ReadKey(list, item));
      group.push_back(std::move(key));
    }
  }
  return group;
}

// The keys beside the other fields are one group; "key_groups" are read if there are none.
absl::StatusOr<std::vector<KeyGroup>> ReadGroups(const Value& sops) {
  ASSIGN_OR_RETURN(KeyGroup only, ReadGroup(sops));
  std::vector<KeyGroup> groups;
  if (!only.empty()) {
    groups.push_back(std::move(only));
    return groups;
  }
  size_t keys = 0;
  for (const Value& item : sops["key_groups"].items()) {
    ASSIGN_OR_RETURN(KeyGroup group, ReadGroup(item));
    keys += group.size();
    if (keys > kMaxMasterKeys || groups.size() == kMaxMasterKeys) {
      return absl::ResourceExhaustedError("too many master keys in the sops metadata");
    }
    groups.push_back(std::move(group));
  }
  if (groups.empty()) return absl::InvalidArgumentError("No keys found in file");
  return groups;
}

absl::StatusOr<size_t> ReadThreshold(const Value& value) {
  double number = value.double_or(0);
  // Older versions wrote it as a floating point number.
  if (value.is_string() && !absl::SimpleAtod(value.str(), &number)) number = -1;
  if ((!value.is_null() && !value.is_number() && !value.is_string()) || !(number >= 0) ||
      number > kMaxMasterKeys || number != std::floor(number)) {
    return absl::InvalidArgumentError("shamir_threshold is not an integer");
  }
  return static_cast<size_t>(number);
}

absl::StatusOr<CryptRule> ReadRule(const Value& sops) {
  CryptRule rule;
  const std::pair<const char*, std::string*> fields[] = {
      {"unencrypted_suffix", &rule.unencrypted_suffix},
      {"encrypted_suffix", &rule.encrypted_suffix},
      {"unencrypted_regex", &rule.unencrypted_regex},
      {"encrypted_regex", &rule.encrypted_regex},
      {"unencrypted_comment_regex", &rule.unencrypted_comment_regex},
      {"encrypted_comment_regex", &rule.encrypted_comment_regex},
  };
  int count = 0;
  for (const auto& [name, text] : fields) {
    ASSIGN_OR_RETURN(*text, TextOf(sops, name));
    if (!text->empty()) ++count;
  }
  if (count > 1) {
    return absl::InvalidArgumentError(
        "Cannot use more than one of encrypted_suffix, unencrypted_suffix, encrypted_regex, "
        "unencrypted_regex, encrypted_comment_regex, or unencrypted_comment_regex in the same "
        "file");
  }
  if (count == 0) rule.unencrypted_suffix = kDefaultUnencryptedSuffix;
  return rule;
}

struct Step {
  bool list = false;
  std::string key;
  size_t index = 0;
};

absl::StatusOr<std::vector<Step>> StepsOf(absl::string_view path) {
  std::vector<Step> steps(1);
  while (!path.empty()) {
    if (absl::ConsumePrefix(&path, kMapSeparator)) {
      steps.emplace_back();
    } else if (absl::ConsumePrefix(&path, kListSeparator)) {
      steps.push_back({.list = true, .key = "", .index = 0});
    } else {
      steps.back().key += path[0];
      path.remove_prefix(1);
    }
  }
  if (steps.size() > kMaxPath) return absl::InvalidArgumentError("sops metadata nests too deep");
  for (Step& step : steps) {
    if (step.list && (!absl::SimpleAtoi(step.key, &step.index) || step.index >= kMaxListItems)) {
      return absl::InvalidArgumentError("sops metadata has a list index that is out of range");
    }
  }
  return steps;
}

// Where `step` leads from `at`, made if it is not there. nullptr if something else is in the way.
Value* Follow(Value* at, const Step& step) {
  if (!step.list) {
    if (at->is_null()) *at = Value::EmptyObject();
    if (!at->is_object()) return nullptr;
    Value* next = at->FindMutable(step.key);
    return next != nullptr ? next : &at->Set(step.key, Value());
  }
  if (at->is_null()) *at = Value::EmptyArray();
  if (!at->is_array()) return nullptr;
  while (at->size() <= step.index) at->Append(Value());
  return &at->mutable_items()[step.index];
}

}  // namespace

std::string MasterKey::Name() const {
  switch (type) {
    case KeyType::kAwsKms: {
      std::string pairs;
      for (const auto& [key, text] : context) {
        absl::StrAppend(&pairs, pairs.empty() ? "" : ",", key, ":", text);
      }
      return absl::StrCat(id, role.empty() ? "" : "+", role,
                          pairs.empty() && profile.empty() ? "" : "|", pairs,
                          profile.empty() ? "" : "|", profile);
    }
    case KeyType::kAzureKeyVault:
      return absl::StrCat(id, "/keys/", key_name, "/", version);
    case KeyType::kVault:
      return absl::StrCat(id, "/v1/", engine_path, "/keys/", key_name);
    default:
      return id;
  }
}

absl::StatusOr<Metadata> ParseMetadata(const Value& sops) {
  if (sops.is_null()) return absl::InvalidArgumentError("sops metadata not found");
  if (!sops.is_object()) return absl::InvalidArgumentError("sops is not an object");
  Metadata metadata;
  ASSIGN_OR_RETURN(metadata.last_modified, TextOf(sops, "lastmodified"));
  ASSIGN_OR_RETURN(metadata.mac, TextOf(sops, "mac"));
  ASSIGN_OR_RETURN(metadata.version, TextOf(sops, "version"));
  const Value& only = sops["mac_only_encrypted"];
  metadata.mac_only_encrypted = only.bool_or(only.str() == "true");
  RETURN_IF_ERROR(CheckTime(metadata.last_modified));
  ASSIGN_OR_RETURN(metadata.groups, ReadGroups(sops));
  ASSIGN_OR_RETURN(metadata.shamir_threshold, ReadThreshold(sops["shamir_threshold"]));
  ASSIGN_OR_RETURN(metadata.rule, ReadRule(sops));
  return metadata;
}

absl::StatusOr<Value> UnflattenMetadata(
    const std::vector<std::pair<std::string, std::string>>& entries) {
  Value sops = Value::EmptyObject();
  for (const auto& [path, text] : entries) {
    ASSIGN_OR_RETURN(const std::vector<Step> steps, StepsOf(path));
    Value* at = &sops;
    for (const Step& step : steps) {
      at = Follow(at, step);
      if (at == nullptr) return absl::InvalidArgumentError("sops metadata contradicts itself");
    }
    *at = Value(absl::StrReplaceAll(text, {{"\\n", "\n"}}));
  }
  return sops;
}

}  // namespace sluice::sops
