// SPDX-License-Identifier: Apache-2.0
#include "common/oci/requester.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "absl/random/random.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/oci/registry_error.h"

namespace sluice::oci {
namespace {

// What registries say to reading, and to writing in steps.
bool IsSuccess(int status) {
  return status == 200 || status == 201 || status == 202 || status == 206;
}

}  // namespace

absl::Status Requester::Exchange(const Context& ctx, const Repository& repository, const Ask& ask) {
  ASSIGN_OR_RETURN(const std::shared_ptr<const Session> session,
                   connector_.SessionFor(ctx, repository));
  http::Request request;
  request.method = ask.method;
  request.body = ask.body;
  request.url = absl::StartsWith(ask.url, "/") ? absl::StrCat(session->base, ask.url) : ask.url;
  for (int round = 0;; ++round) {
    request.headers = ask.headers;
    ASSIGN_OR_RETURN(const std::string authorization, authorizer_.Value(ctx, *session, repository));
    if (!authorization.empty()) request.headers.Set("Authorization", authorization);
    std::optional<http::Response> refusal;
    const absl::Status status = transport_.Stream(
        ctx, request,
        [&](const http::Response& head) {
          if (IsSuccess(head.status)) return ask.on_head(head);
          refusal = head;
          return absl::OkStatus();
        },
        [&](absl::string_view bytes) {
          if (!refusal.has_value()) return ask.on_data(bytes);
          const size_t room = kMaxErrorBody - refusal->body.size();
          refusal->body.append(bytes.data(), std::min(bytes.size(), room));
          // What fits is explanation enough.
          return bytes.size() <= room ? absl::OkStatus()
                                      : absl::ResourceExhaustedError("the refusal is too long");
        });
    if (!refusal.has_value()) return status;
    if (refusal->status == 401 && round == 0) {
      const std::optional<Challenge> challenge = FindChallenge(refusal->headers);
      if (challenge.has_value() && authorizer_.TakeChallenge(repository, *challenge)) continue;
    }
    return RegistryError(request.method, request.url, refusal->status, refusal->body);
  }
}

absl::Status Requester::WithRetries(const Context& ctx,
                                    const std::function<absl::Status()>& attempt) {
  absl::Duration wait = options_.first_wait;
  for (int tried = 1;; ++tried) {
    const absl::Status status = attempt();
    if (!absl::IsUnavailable(status) || tried >= options_.tries) return status;
    absl::BitGen random;
    const absl::Duration pause = wait * absl::Uniform(random, 0.9, 1.1);
    // The cause says more than that the time is over.
    if (ctx.remaining() <= pause) return status;
    RETURN_IF_ERROR(clock_.Sleep(ctx, pause));
    wait *= 3;
  }
}

absl::StatusOr<Answer> Requester::Fetch(const Context& ctx, const Repository& repository, Ask ask,
                                        size_t limit) {
  Answer answer;
  ask.on_head = [&](const http::Response& head) {
    answer.response = head;
    return absl::OkStatus();
  };
  ask.on_data = [&](absl::string_view bytes) {
    if (bytes.size() > limit - answer.response.body.size()) {
      return absl::ResourceExhaustedError(
          absl::StrCat(ask.method, " ", ask.url, ": more than ", limit, " bytes"));
    }
    answer.response.body.append(bytes.data(), bytes.size());
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(WithRetries(ctx, [&] {
    answer.response = http::Response();
    const Context bounded = ctx.WithTimeout(options_.limits.request_timeout);
    const absl::Status status = Exchange(bounded, repository, ask);
    if (absl::IsDeadlineExceeded(status) && ctx.Check().ok()) {
      return absl::UnavailableError(status.message());  // our own limit, not the caller's
    }
    return status;
  }));
  ASSIGN_OR_RETURN(const auto session, connector_.SessionFor(ctx, repository));
  answer.url = absl::StartsWith(ask.url, "/") ? absl::StrCat(session->base, ask.url) : ask.url;
  return answer;
}

}  // namespace sluice::oci
