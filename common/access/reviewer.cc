// SPDX-License-Identifier: Apache-2.0
#include "common/access/reviewer.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "common/crypto/digest.h"
#include "common/value/json.h"

namespace sluice::access {
namespace {

constexpr absl::Duration kLongestReview = absl::Seconds(10);
constexpr size_t kLongestToken = 64 << 10;

const kube::Resource kTokenReview = {"authentication.k8s.io", "v1", "tokenreviews", "TokenReview",
                                     false};
const kube::Resource kAccessReview = {"authorization.k8s.io", "v1", "subjectaccessreviews",
                                      "SubjectAccessReview", false};

// A review is made, not kept: creating it gives the answer.
absl::StatusOr<Value> Review(const Context& ctx, kube::Client& client,
                             const kube::Resource& resource, Value spec) {
  const auto answer =
      client.Create(ctx.WithTimeout(kLongestReview), resource,
                    Value{{"apiVersion", absl::StrCat(resource.group, "/", resource.version)},
                          {"kind", resource.kind},
                          {"spec", std::move(spec)}});
  if (answer.ok()) return answer;
  RETURN_IF_ERROR(ctx.Check());
  // Not the caller's fault, whatever the code: we may not ask, or nobody answers.
  return absl::UnavailableError(
      absl::StrCat("the Kubernetes API gave no ", resource.kind, ": ", answer.status().message()));
}

Value Strings(const std::vector<std::string>& texts) {
  Value list = Value::EmptyArray();
  for (const std::string& text : texts) list.Append(text);
  return list;
}

std::vector<std::string> FromList(const Value& list) {
  std::vector<std::string> texts;
  for (const Value& text : list.items()) texts.emplace_back(text.str());
  return texts;
}

// The claim "exp" of a JSON Web Token that the API server has taken; other tokens name no end.
absl::Time EndOf(absl::string_view token) {
  const std::vector<absl::string_view> parts = absl::StrSplit(token, '.');
  std::string claims;
  if (parts.size() != 3 || !absl::WebSafeBase64Unescape(parts[1], &claims)) {
    return absl::InfiniteFuture();
  }
  const auto parsed = value::ParseJson(claims);
  if (!parsed.ok() || (*parsed)["exp"].is_null()) return absl::InfiniteFuture();
  return absl::FromUnixSeconds((*parsed)["exp"].int_or(0));
}

User FromReview(const Value& value) {
  User user;
  user.name = std::string(value["username"].str());
  user.uid = std::string(value["uid"].str());
  user.groups = FromList(value["groups"]);
  for (const auto& [key, texts] : value["extra"].members()) {
    user.extra[std::string(key)] = FromList(texts);
  }
  return user;
}

Value ToReview(const User& user, const Question& question) {
  Value attributes = {{"verb", question.verb},
                      {"group", question.resource.group},
                      {"version", question.resource.version},
                      {"resource", question.resource.plural}};
  if (!question.ns.empty()) attributes.Set("namespace", question.ns);
  if (!question.name.empty()) attributes.Set("name", question.name);
  Value spec = {{"resourceAttributes", std::move(attributes)},
                {"user", user.name},
                {"groups", Strings(user.groups)}};
  if (!user.uid.empty()) spec.Set("uid", user.uid);
  for (const auto& [key, texts] : user.extra) spec.Ensure("extra").Set(key, Strings(texts));
  return spec;
}

}  // namespace

template <typename T, typename Ask>
absl::StatusOr<T> Reviewer::Remembered(Answers<T> Reviewer::*member, const std::string& key,
                                       const Ask& ask) {
  {
    const absl::MutexLock lock(&mutex_);
    const Answers<T>& answers = this->*member;
    const auto kept = answers.find(key);
    if (kept != answers.end() && clock_.Now() < kept->second.until) return kept->second.answer;
  }
  absl::StatusOr<T> answer = ask();
  if (!answer.ok() && !absl::IsUnauthenticated(answer.status())) return answer;
  const absl::MutexLock lock(&mutex_);
  Answers<T>& answers = this->*member;
  if (answers.size() >= kMaxKept) {
    absl::erase_if(answers,
                   [now = clock_.Now()](const auto& kept) { return kept.second.until <= now; });
    if (answers.size() >= kMaxKept) answers.clear();
  }
  answers.insert_or_assign(key, Kept<T>{answer, clock_.Now() + kKept});
  return answer;
}

absl::StatusOr<Identity> Reviewer::Authenticate(const Context& ctx, const Secret& token) {
  if (token.empty()) return absl::UnauthenticatedError("a bearer token is needed");
  if (token.Reveal().size() > kLongestToken) {
    return absl::UnauthenticatedError("the bearer token is longer than any");
  }
  ASSIGN_OR_RETURN(
      Identity identity,
      Remembered(&Reviewer::identities_, crypto::Sha256Hex(token.Reveal()),
                 [&]() -> absl::StatusOr<Identity> {
                   ASSIGN_OR_RETURN(const Value review, Review(ctx, client_, kTokenReview,
                                                               Value{{"token", token.Reveal()}}));
                   if (!review["status"]["authenticated"].bool_or(false)) {
                     return absl::UnauthenticatedError("the bearer token is not valid");
                   }
                   Identity known{FromReview(review["status"]["user"]), EndOf(token.Reveal())};
                   // Nobody in particular: a review of what they may do would be one of nothing.
                   if (known.user.name.empty()) {
                     return absl::UnauthenticatedError("the bearer token names no user");
                   }
                   return known;
                 }));
  if (identity.expires <= clock_.Now()) {
    return absl::UnauthenticatedError("the bearer token has ended");
  }
  return identity;
}

absl::StatusOr<bool> Reviewer::Allowed(const Context& ctx, const User& user,
                                       const Question& question) {
  const Value spec = ToReview(user, question);
  return Remembered(&Reviewer::decisions_, crypto::Sha256Hex(value::FormatJson(spec)),
                    [&]() -> absl::StatusOr<bool> {
                      ASSIGN_OR_RETURN(const Value review,
                                       Review(ctx, client_, kAccessReview, spec));
                      return review["status"]["allowed"].bool_or(false);
                    });
}

}  // namespace sluice::access
