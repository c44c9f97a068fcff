// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/requests/render.h"

#include "absl/strings/str_cat.h"
#include "common/devapi/kinds/conversion.h"
#include "common/devapi/requests/watch_stream.h"
#include "common/devapi/tables/table.h"
#include "common/value/json.h"
#include "common/value/yaml.h"

namespace sluice::devapi {
namespace {

RowObject WantedRowObject(const Query& query) {
  const absl::string_view include = query.Get("includeObject");
  if (include == "None") return RowObject::kNone;
  return include == "Object" ? RowObject::kObject : RowObject::kMetadata;
}

Value ListMetadata(const ListResult& list) {
  Value metadata = {{"resourceVersion", absl::StrCat(list.version)}};
  if (!list.continue_token.empty()) metadata.Set("continue", list.continue_token);
  if (list.remaining >= 0 && !list.continue_token.empty()) {
    metadata.Set("remainingItemCount", list.remaining);
  }
  return metadata;
}

std::string ListJson(const Resource& resource, const ListResult& list) {
  size_t total = 256;
  for (const ObjectRef& object : list.objects) total += object->size() + 64;
  Value metadata = ListMetadata(list);
  // The reference's lists of custom objects have no type that could leave it out.
  if (resource.custom != nullptr && !metadata.Has("continue")) metadata.Set("continue", "");
  std::string out;
  out.reserve(total);
  absl::StrAppend(&out, "{\"kind\":\"", resource.list_kind, "\",\"apiVersion\":\"",
                  resource.api_version(), "\",\"metadata\":", value::FormatJson(metadata),
                  ",\"items\":[");
  const bool typed = resource.custom != nullptr;
  bool first = true;
  for (const ObjectRef& object : list.objects) {
    if (!first) out.push_back(',');
    first = false;
    AppendJson(out, resource, *object, typed);
  }
  out.append("]}\n");
  return out;
}

std::string PartialListJson(const ListResult& list) {
  Value items = Value::EmptyArray();
  for (const ObjectRef& object : list.objects) items.Append(PartialMetadata(object->value()));
  return value::FormatJson(Value{{"kind", "PartialObjectMetadataList"},
                                 {"apiVersion", "meta.k8s.io/v1"},
                                 {"metadata", ListMetadata(list)},
                                 {"items", std::move(items)}});
}

http::ServerResponse Body(int code, std::string json, const Negotiated& negotiated) {
  http::ServerResponse response;
  response.status = code;
  const bool reread = negotiated.yaml || negotiated.pretty;
  if (reread) {
    const Value value = value::ParseJson(json).value_or(Value());
    json = negotiated.yaml ? value::FormatYaml(value)
                           : value::FormatJson(value, {.indent = 2, .escape_html = true});
  }
  response.headers.Set("Content-Type", negotiated.yaml ? "application/yaml" : "application/json");
  response.body = std::move(json);
  return response;
}

std::string ObjectText(const Call& call, const ObjectRef& object, const Negotiated& negotiated,
                       absl::Time now) {
  switch (negotiated.form) {
    case Form::kTable: {
      const Value metadata = {{"resourceVersion", object->value()["metadata"]["resourceVersion"]}};
      return TableJson(*call.resource, std::span(&object, 1), metadata,
                       {WantedRowObject(call.query), true, now});
    }
    case Form::kPartialMetadata:
    case Form::kPartialMetadataList:
      return value::FormatJson(PartialMetadata(object->value()));
    case Form::kObject:
      break;
  }
  std::string out;
  AppendJson(out, *call.resource, *object, /*typed=*/true);
  out.push_back('\n');
  return out;
}

std::string ListText(const Call& call, const ListResult& list, const Negotiated& negotiated,
                     absl::Time now) {
  switch (negotiated.form) {
    case Form::kTable:
      return TableJson(*call.resource, list.objects, ListMetadata(list),
                       {WantedRowObject(call.query), true, now});
    case Form::kPartialMetadata:
    case Form::kPartialMetadataList:
      return PartialListJson(list);
    case Form::kObject:
      break;
  }
  return ListJson(*call.resource, list);
}

}  // namespace

http::ServerResponse Render(Cluster& cluster, const std::shared_ptr<const Call>& call, Reply reply,
                            const Negotiated& negotiated) {
  const absl::Time now = cluster.clock().Now();
  http::ServerResponse response;
  if (const auto* object = std::get_if<ObjectRef>(&reply.content)) {
    response = Body(reply.code, ObjectText(*call, *object, negotiated, now), negotiated);
  } else if (const auto* value = std::get_if<Value>(&reply.content)) {
    response = Body(reply.code, value::FormatJson(*value), negotiated);
  } else if (const auto* list = std::get_if<ListResult>(&reply.content)) {
    response = Body(reply.code, ListText(*call, *list, negotiated, now), negotiated);
  } else {
    response.status = 200;
    response.headers.Set("Content-Type", "application/json");
    auto watch = std::make_shared<WatchResult>(std::get<WatchResult>(std::move(reply.content)));
    const WatchFormat format = {negotiated.form, WantedRowObject(call->query)};
    response.stream = [&cluster, call, watch, format](const Context& ctx, const http::Sink& sink) {
      StreamWatch(ctx, cluster, *call, *watch, format, sink);
    };
  }
  AddWarnings(*call, response);
  return response;
}

void AddWarnings(const Call& call, http::ServerResponse& response) {
  for (const std::string& warning : call.warnings) {
    response.headers.Add(
        "Warning",
        absl::StrCat("299 - ", value::FormatJson(warning, {.indent = 0, .escape_html = false})));
  }
}

http::ServerResponse RenderError(const absl::Status& status) {
  http::ServerResponse response = RenderValue(HttpCode(status), StatusObject(status));
  const int retry = RetryAfterSeconds(status);
  if (retry > 0) response.headers.Set("Retry-After", absl::StrCat(retry));
  return response;
}

http::ServerResponse RenderValue(int code, const Value& value, bool pretty) {
  http::ServerResponse response;
  response.status = code;
  response.headers.Set("Content-Type", "application/json");
  response.body = value::FormatJson(value, {.indent = pretty ? 2 : 0, .escape_html = true});
  response.body.push_back('\n');
  return response;
}

http::ServerResponse RenderText(int code, absl::string_view text) {
  http::ServerResponse response;
  response.status = code;
  response.headers.Set("Content-Type", "text/plain; charset=utf-8");
  response.headers.Set("X-Content-Type-Options", "nosniff");
  response.body = std::string(text);
  return response;
}

}  // namespace sluice::devapi
