// SPDX-License-Identifier: Apache-2.0
#include "common/notation/trust_policy.h"

#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/text/regexp.h"
#include "common/value/json.h"

namespace sluice::notation {
namespace {

constexpr size_t kMaxStatements = 1000;
constexpr char kSubject[] = "x509.subject:";

absl::Status Invalid(absl::string_view what) { return absl::InvalidArgumentError(what); }

absl::StatusOr<std::vector<std::string>> TextsOf(const Value& list, absl::string_view field) {
  std::vector<std::string> texts;
  for (const Value& item : list.items()) {
    if (!item.is_string()) return Invalid(absl::StrCat(field, ": expected a list of texts"));
    texts.emplace_back(item.str());
  }
  return texts;
}

absl::StatusOr<Level> LevelNamed(absl::string_view name) {
  using enum Action;
  if (name == "strict") return Level{"strict"};
  if (name == "permissive") return Level{"permissive", kEnforce, kLog, kLog, kLog};
  if (name == "audit") return Level{"audit", kLog, kLog, kLog, kLog};
  if (name == "skip") return Level{"skip", kSkip, kSkip, kSkip, kSkip};
  return Invalid(absl::StrCat("invalid signature verification level \"", name, "\""));
}

// spec: signatureVerification.override.
absl::Status Override(const Value& overrides, Level& level) {
  if (overrides.size() > 0 && level.skips()) {
    return Invalid(
        "signature verification level \"skip\" can't be used to customize signature "
        "verification");
  }
  for (const value::Member& member : overrides.members()) {
    Action* action = member.key == "authenticity"         ? &level.authenticity
                     : member.key == "authenticTimestamp" ? &level.authentic_timestamp
                     : member.key == "expiry"             ? &level.expiry
                     : member.key == "revocation"         ? &level.revocation
                                                          : nullptr;
    if (action == nullptr) {
      return Invalid(absl::StrCat("verification type \"", member.key,
                                  "\" in custom signature verification is not supported"));
    }
    const absl::string_view wanted = member.value.str();
    if (wanted == "enforce") {
      *action = Action::kEnforce;
    } else if (wanted == "log") {
      *action = Action::kLog;
    } else if (wanted == "skip" && member.key == "revocation") {
      *action = Action::kSkip;
    } else {
      return Invalid(absl::StrCat("verification action \"", wanted,
                                  "\" in custom signature verification is not supported"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckStores(const Statement& statement) {
  const auto pattern = text::Regexp::Compile("^[a-zA-Z0-9_.-]+$");
  for (const std::string& store : statement.stores) {
    const size_t colon = store.find(':');
    const std::string type = store.substr(0, colon);
    if (colon == std::string::npos) {
      return Invalid(absl::StrCat("trust policy statement \"", statement.name,
                                  "\" has malformed trust store value \"", store,
                                  "\". The required format is <TrustStoreType>:<TrustStoreName>"));
    }
    if (type != "ca" && type != "signingAuthority" && type != "tsa") {
      return Invalid(absl::StrCat("trust policy statement \"", statement.name,
                                  "\" uses an unsupported trust store type \"", type,
                                  "\" in trust store value \"", store, "\""));
    }
    if (!pattern.ok() || !pattern->MatchesIn(store.substr(colon + 1))) {
      return Invalid(absl::StrCat("trust policy statement \"", statement.name,
                                  "\" uses an unsupported trust store name \"",
                                  store.substr(colon + 1), "\" in trust store value \"", store,
                                  "\". Named store name needs to follow [a-zA-Z0-9_.-]+ format"));
    }
  }
  return absl::OkStatus();
}

absl::Status ReadIdentities(const std::vector<std::string>& texts, Statement& statement) {
  const auto invalid = [&statement](auto... what) {
    return Invalid(absl::StrCat("trust policy statement \"", statement.name, "\" ", what...));
  };
  for (const std::string& text : texts) {
    if (text.empty()) return invalid("has an empty trusted identity");
    if (text == "*") {
      if (texts.size() == 1) return absl::OkStatus();
      return invalid(
          "uses a wildcard trusted identity '*', a wildcard identity cannot be used in conjunction "
          "with other values");
    }
    absl::string_view name = text;
    if (!absl::ConsumePrefix(&name, kSubject)) {
      return invalid("has trusted identity \"", text,
                     "\" without a supported prefix: expected x509.subject");
    }
    auto attributes = ParseName(name);
    if (!attributes.ok()) {
      return invalid("has trusted identity \"", text,
                     "\" with invalid identity value: ", attributes.status().message());
    }
    for (const char* mandatory : {"C", "ST", "O"}) {
      if (!attributes->contains(mandatory)) {
        return invalid("has trusted identity \"", text, "\" without the attribute \"", mandatory,
                       "\", which is mandatory with C, ST and O");
      }
    }
    statement.identities.push_back(*std::move(attributes));
  }
  return absl::OkStatus();
}

absl::Status ReadScopes(const Value& list, std::set<std::string>& seen, Statement& statement) {
  ASSIGN_OR_RETURN(statement.scopes, TextsOf(list, "registryScopes"));
  const auto invalid = [&statement](auto... what) {
    return Invalid(absl::StrCat("trust policy statement \"", statement.name, "\" ", what...));
  };
  if (statement.scopes.empty())
    return invalid("has zero registry scopes, it must specify at least one");
  for (const std::string& scope : statement.scopes) {
    if (scope == "*" && statement.scopes.size() > 1) {
      return invalid(
          "uses wildcard registry scope '*', a wildcard scope cannot be used in conjunction with "
          "other scope values");
    }
    const size_t slash = scope.find('/');
    if (scope != "*" && (slash == std::string::npos || slash == 0 || slash + 1 == scope.size() ||
                         absl::StrContains(scope, "*") || absl::StrContains(scope, "@"))) {
      return invalid("has registry scope \"", scope,
                     "\", which is no fully qualified repository without wildcard: expected "
                     "registry/repository");
    }
    if (!seen.insert(scope).second) {
      return Invalid(absl::StrCat("registry scope \"", scope,
                                  "\" is present in multiple trust policy statements, one registry "
                                  "scope value can only be associated with one statement"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Statement> ReadStatement(const Value& value, std::set<std::string>& scopes) {
  Statement statement;
  statement.name = std::string(value["name"].str());
  if (statement.name.empty()) {
    return Invalid("a trust policy statement is missing a name, every statement requires a name");
  }
  const auto prefix = [&statement](const absl::Status& error) {
    return Annotate(error, absl::StrCat("trust policy statement \"", statement.name,
                                        "\" has invalid signatureVerification"));
  };
  const Value& verification = value["signatureVerification"];
  auto level = LevelNamed(verification["level"].str());
  if (!level.ok()) return prefix(level.status());
  statement.level = *std::move(level);
  if (const absl::Status done = Override(verification["override"], statement.level); !done.ok()) {
    return prefix(done);
  }
  if (!statement.level.skips()) {
    ASSIGN_OR_RETURN(statement.stores, TextsOf(value["trustStores"], "trustStores"));
    ASSIGN_OR_RETURN(const auto identities,
                     TextsOf(value["trustedIdentities"], "trustedIdentities"));
    if (statement.stores.empty() || identities.empty()) {
      return Invalid(absl::StrCat("trust policy statement \"", statement.name,
                                  "\" is either missing trust stores or trusted identities, both "
                                  "must be specified"));
    }
    RETURN_IF_ERROR(CheckStores(statement));
    RETURN_IF_ERROR(ReadIdentities(identities, statement));
  }
  RETURN_IF_ERROR(ReadScopes(value["registryScopes"], scopes, statement));
  return statement;
}

}  // namespace

absl::StatusOr<NameAttributes> ParseName(absl::string_view text) {
  NameAttributes attributes;
  std::string type;
  std::string value;
  size_t trailing = 0;  // blanks at the value's end that are not escaped
  bool in_value = false;
  const auto finish = [&]() -> absl::Status {
    std::string key = absl::AsciiStrToUpper(absl::StripAsciiWhitespace(type));
    if (key == "S") key = "ST";
    value.resize(value.size() - trailing);
    if (key.empty() || !in_value) return Invalid("no distinguished name");
    if (!attributes.emplace(key, value).second) {
      return Invalid(absl::StrCat("distinguished name has the attribute \"", key, "\" twice"));
    }
    type.clear();
    value.clear();
    trailing = 0;
    in_value = false;
    return absl::OkStatus();
  };
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (!in_value) {
      if (c == '=') {
        in_value = true;
      } else if (c == ',' || c == '+' || c == ';') {
        return Invalid("no distinguished name");
      } else {
        type.push_back(c);
      }
    } else if (c == '\\' && i + 1 < text.size()) {
      const absl::string_view hex = text.substr(i + 1, 2);
      if (hex.size() == 2 && absl::ascii_isxdigit(static_cast<unsigned char>(hex[0])) &&
          absl::ascii_isxdigit(static_cast<unsigned char>(hex[1]))) {
        value.push_back(static_cast<char>(std::stoi(std::string(hex), nullptr, 16)));
        i += 2;
      } else {
        value.push_back(text[++i]);
      }
      trailing = 0;
    } else if (c == ',' || c == ';') {
      RETURN_IF_ERROR(finish());
    } else if (c == '+') {
      return Invalid("distinguished name with multi-valued RDN is not supported");
    } else if (c == ' ') {
      if (!value.empty()) {
        value.push_back(c);
        ++trailing;
      }
    } else {
      value.push_back(c);
      trailing = 0;
    }
  }
  RETURN_IF_ERROR(finish());
  return attributes;
}

absl::StatusOr<TrustPolicy> TrustPolicy::Parse(absl::string_view json) {
  ASSIGN_OR_RETURN(const Value value, value::ParseJson(json));
  const absl::string_view version = value["version"].str();
  if (version.empty()) {
    return Invalid("trust policy document is missing or has empty version, it must be specified");
  }
  if (version != "1.0") {
    return Invalid(
        absl::StrCat("trust policy document uses unsupported version \"", version, "\""));
  }
  const Value& list = value["trustPolicies"];
  if (list.size() == 0) {
    return Invalid("trust policy document can not have zero trust policy statements");
  }
  if (list.size() > kMaxStatements) return Invalid("trust policy document has too many statements");
  TrustPolicy policy;
  std::set<std::string> names;
  std::set<std::string> scopes;
  for (const Value& item : list.items()) {
    ASSIGN_OR_RETURN(Statement statement, ReadStatement(item, scopes));
    if (!names.insert(statement.name).second) {
      return Invalid(absl::StrCat("multiple trust policy statements use the same name \"",
                                  statement.name, "\", statement names must be unique"));
    }
    policy.statements_.push_back(std::move(statement));
  }
  return policy;
}

const Statement* TrustPolicy::For(absl::string_view repository) const {
  const Statement* found = nullptr;
  for (const Statement& statement : statements_) {
    for (const std::string& scope : statement.scopes) {
      if (scope == repository) return &statement;
      if (scope == "*") found = &statement;
    }
  }
  return found;
}

}  // namespace sluice::notation
