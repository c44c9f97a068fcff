// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/requests/router.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "common/crypto/random.h"
#include "common/devapi/kinds/discovery.h"
#include "common/devapi/memory.h"
#include "common/devapi/requests/api_error.h"
#include "common/devapi/requests/render.h"
#include "common/devapi/verbs/dispatch.h"
#include "common/value/json.h"

namespace sluice::devapi {
namespace {

constexpr char kAdminPrefix[] = "/sluice-dev/";

std::string LowerMethod(const std::string& method) {
  std::string lower = method;
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

// What anybody may see without being known.
bool IsPublic(absl::string_view path) {
  return path == "/healthz" || path == "/livez" || path == "/readyz" || path == "/version" ||
         absl::StartsWith(path, "/healthz/") || absl::StartsWith(path, "/livez/") ||
         absl::StartsWith(path, "/readyz/");
}

// Impersonating takes the verb for the user (or service account) and for each group and extra
// named.
absl::Status CheckImpersonation(const Cluster& cluster, const Authentication& who,
                                const http::Headers& headers) {
  const auto check = [&](const char* group, const char* resource, const std::string& subresource,
                         const std::string& ns, const std::string& name) {
    Attributes attributes;
    attributes.verb = "impersonate";
    attributes.group = group;
    attributes.resource = resource;
    attributes.subresource = subresource;
    attributes.ns = ns;
    attributes.name = name;
    return CheckAllowed(cluster, who.original, attributes);
  };
  const std::vector<std::string> parts = absl::StrSplit(who.user.name, ':');
  if (parts.size() == 4 && parts[0] == "system" && parts[1] == "serviceaccount") {
    RETURN_IF_ERROR(check("", "serviceaccounts", "", parts[2], parts[3]));
  } else {
    RETURN_IF_ERROR(check("", "users", "", "", who.user.name));
  }
  for (const auto& [name, text] : headers.fields()) {
    if (absl::EqualsIgnoreCase(name, "Impersonate-Group")) {
      RETURN_IF_ERROR(check("", "groups", "", "", text));
    }
  }
  for (const auto& [key, texts] : who.user.extra) {
    for (const std::string& text : texts) {
      RETURN_IF_ERROR(check("authentication.k8s.io", "userextras", key, "", text));
    }
  }
  return absl::OkStatus();
}

http::ServerResponse NotFoundText() { return RenderText(404, "404 page not found\n"); }

Value RootPaths(const ResourceTable& table) {
  Value paths = Value::EmptyArray();
  for (const char* path : {"/api", "/api/v1", "/apis", "/apis/"}) paths.Append(path);
  for (const ServedGroup& group : table.groups()) {
    if (group.name.empty()) continue;
    paths.Append(absl::StrCat("/apis/", group.name));
    for (const ServedGroup::Version& version : group.versions) {
      paths.Append(absl::StrCat("/apis/", group.name, "/", version.version));
    }
  }
  for (const char* path :
       {"/healthz", "/livez", "/openapi/v2", "/openapi/v3", "/readyz", "/version"}) {
    paths.Append(path);
  }
  return Value{{"paths", std::move(paths)}};
}

Value VersionInfo(const std::string& git_version) {
  return Value{{"major", "1"},
               {"minor", "34"},
               {"emulationMajor", "1"},
               {"emulationMinor", "34"},
               {"minCompatibilityMajor", "1"},
               {"minCompatibilityMinor", "33"},
               {"gitVersion", git_version},
               {"gitCommit", ""},
               {"gitTreeState", "clean"},
               {"buildDate", "1970-01-01T00:00:00Z"},
               {"goVersion", "none"},
               {"compiler", "gcc"},
               {"platform", "linux/amd64"}};
}

}  // namespace

struct Router::Exchange {
  const http::ServerRequest& request;
  Query query;
  RequestInfo info;
  std::shared_ptr<const ResourceTable> table;
  Authentication who;
  Attributes attributes;
};

Router::Router(Cluster& cluster) : cluster_(cluster), openapi_(cluster.kinds()) {}

http::ServerResponse Router::Handle(const Context& ctx, const http::ServerRequest& request) {
  Exchange exchange{request, Query(request.query), {}, nullptr, {}, {}};
  exchange.info = ParseRequest(request.method, request.raw_path, exchange.query);
  exchange.table = cluster_.registry().Snapshot();
  http::ServerResponse response = Route(ctx, exchange);
  response.headers.Set("Audit-Id", crypto::RandomUuid());
  if (!response.headers.Has("Cache-Control")) {
    response.headers.Set("Cache-Control", "no-cache, private");
  }
  AuditEntry entry;
  entry.at = cluster_.clock().Now();
  entry.who = std::move(exchange.who);
  entry.what = std::move(exchange.attributes);
  entry.what.path = exchange.info.path;
  entry.user_agent = std::string(request.headers.Get("User-Agent"));
  entry.dry_run = exchange.query.Get("dryRun") == "All";
  entry.code = response.status;
  audit_.Add(std::move(entry));
  return response;
}

http::ServerResponse Router::Route(const Context& ctx, Exchange& exchange) {
  const RequestInfo& info = exchange.info;
  absl::StatusOr<Authentication> who = Authenticate(cluster_.tokens(), exchange.request.headers,
                                                    exchange.request.peer, cluster_.clock().Now());
  Attributes& attributes = exchange.attributes;
  attributes.verb = info.is_resource ? info.verb : LowerMethod(exchange.request.method);
  attributes.is_resource = info.is_resource;
  attributes.group = info.group;
  attributes.version = info.version;
  attributes.resource = info.resource;
  attributes.subresource = info.subresource;
  attributes.ns = info.ns;
  attributes.name = info.name;
  attributes.path = info.path;
  if (!who.ok()) return RenderError(who.status());
  exchange.who = *std::move(who);
  if (exchange.who.impersonating) {
    const absl::Status allowed =
        CheckImpersonation(cluster_, exchange.who, exchange.request.headers);
    if (!allowed.ok()) return RenderError(allowed);
  }
  if (absl::StartsWith(info.path, kAdminPrefix)) return ServeAdmin(exchange);
  const Fault fault = faults_.Next(attributes, exchange.who.user.name);
  if (fault.latency > absl::ZeroDuration()) {
    const absl::Status slept = cluster_.clock().Sleep(ctx, fault.latency);
    if (!slept.ok()) return RenderError(ApiError(503, "ServiceUnavailable", slept.message()));
  }
  if (!fault.error.ok()) return RenderError(fault.error);
  if (!IsPublic(info.path)) {
    const absl::Status allowed = CheckAllowed(cluster_, exchange.who.user, attributes);
    if (!allowed.ok()) return RenderError(allowed);
  }
  if (!info.is_resource) return ServeOther(exchange);
  absl::StatusOr<http::ServerResponse> response = ServeResource(ctx, exchange);
  return response.ok() ? *std::move(response) : RenderError(response.status());
}

absl::StatusOr<http::ServerResponse> Router::ServeResource(const Context&, Exchange& exchange) {
  const RequestInfo& info = exchange.info;
  const ResourceRef resource = exchange.table->Find(info.group, info.version, info.resource);
  if (resource == nullptr) {
    const bool known_version = exchange.table->FindVersion(info.group, info.version) != nullptr;
    if (!known_version) return NotFoundText();
    return NoSuchPath();
  }
  ASSIGN_OR_RETURN(const Negotiated negotiated,
                   NegotiateResource(exchange.request.headers.Get("Accept"), exchange.query));
  auto call = std::make_shared<Call>();
  call->info = info;
  call->query = exchange.query;
  call->resource = resource;
  call->table = exchange.table;
  call->user = exchange.who.user;
  call->user_agent = std::string(exchange.request.headers.Get("User-Agent"));
  call->content_type = BareContentType(exchange.request.headers.Get("Content-Type"));
  call->body = exchange.request.body;
  absl::StatusOr<Reply> reply = Dispatch(cluster_, *call);
  if (reply.ok()) return Render(cluster_, call, *std::move(reply), negotiated);
  http::ServerResponse refused = RenderError(reply.status());
  AddWarnings(*call, refused);
  return refused;
}

http::ServerResponse Router::ServeOther(Exchange& exchange) {
  const std::string& path = exchange.info.path;
  const std::string& method = exchange.request.method;
  if (method != "GET" && method != "HEAD") {
    return RenderError(ApiError(405, "MethodNotAllowed",
                                "the server does not allow this method on the requested resource",
                                Value::EmptyObject()));
  }
  if (IsPublic(path) && path != "/version") {
    const bool verbose = exchange.query.Has("verbose");
    const std::string check = path.substr(1, path.find('/', 1) - 1);
    return RenderText(200, verbose ? absl::StrCat("[+]ping ok\n", check, " check passed\n") : "ok");
  }
  if (path == "/version")
    return RenderValue(200, VersionInfo(cluster_.options().git_version), true);
  if (path == "/") return RenderValue(200, RootPaths(*exchange.table));
  if (auto response = ServeDiscovery(*exchange.table, path, exchange.request.headers)) {
    return *std::move(response);
  }
  if (auto response = openapi_.Serve(exchange.table, path)) return *std::move(response);
  return NotFoundText();
}

http::ServerResponse Router::ServeAdmin(Exchange& exchange) {
  if (!exchange.who.user.InGroup(kMastersGroup)) {
    return RenderError(Forbidden({}, "", "only for cluster administrators"));
  }
  const std::string path = exchange.info.path.substr(sizeof(kAdminPrefix) - 1);
  const std::string& method = exchange.request.method;
  const Value body = value::ParseJson(exchange.request.body).value_or(Value());
  const std::string storage(body["storage"].str());
  if (path == "faults" && method == "GET") return RenderValue(200, faults_.List());
  if (path == "faults" && method == "DELETE") {
    faults_.Clear();
    return RenderValue(200, Value::EmptyObject());
  }
  if (path == "faults" && method == "POST") {
    const absl::StatusOr<int64_t> id = faults_.Add(body);
    if (!id.ok()) return RenderError(BadRequest(id.status().message()));
    return RenderValue(201, Value{{"id", *id}});
  }
  if (path == "watches/drop" && method == "POST") {
    cluster_.store().DropWatches(storage);
    return RenderValue(200, Value::EmptyObject());
  }
  if (path == "compact" && method == "POST") {
    cluster_.store().Compact(storage);
    return RenderValue(200, Value{{"resourceVersion", absl::StrCat(cluster_.store().version())}});
  }
  if (path == "audit" && method == "GET") return RenderValue(200, audit_.Entries());
  if (path == "audit/counts" && method == "GET") return RenderValue(200, audit_.Counts());
  if (path == "audit" && method == "DELETE") {
    audit_.Clear();
    return RenderValue(200, Value::EmptyObject());
  }
  if (path == "memory" && method == "GET") return RenderValue(200, MemoryUse());
  return NotFoundText();
}

}  // namespace sluice::devapi
