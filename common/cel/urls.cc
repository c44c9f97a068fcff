// url("…") and its parts.

// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/cel/function.h"
#include "common/cel/url.h"

namespace sluice::cel {
namespace {

using Args = std::span<const Value>;

constexpr absl::string_view kType = "kubernetes.URL";

class UrlValue : public Opaque {
 public:
  explicit UrlValue(Url url) : url_(std::move(url)) {}
  absl::string_view type_name() const override { return kType; }
  bool Equals(const Opaque& other) const override {
    return url_.text == static_cast<const UrlValue&>(other).url_.text;
  }
  std::string ToString() const override { return url_.text; }
  const Url& url() const { return url_; }

 private:
  Url url_;
};

Value FromString(Args args, Arena& arena) {
  if (!args[0].is_string()) return NoMatch();
  absl::StatusOr<Url> url = Url::Parse(args[0].text());
  if (url.ok()) return Value::OfOpaque(arena.New<UrlValue>(*std::move(url)));
  return Value::Error(
      absl::StrCat("URL parse error during conversion from string: ", url.status().message()),
      arena);
}
Value IsUrl(Args args, Arena&) {
  return args[0].is_string() ? Value::Bool(Url::Parse(args[0].text()).ok()) : NoMatch();
}

std::string Scheme(const Url& url) { return url.scheme; }
std::string Host(const Url& url) { return url.host; }
std::string HostName(const Url& url) { return url.HostName(); }
std::string Port(const Url& url) { return url.Port(); }
std::string EscapedPath(const Url& url) { return url.EscapedPath(); }

bool IsUrlValue(const Value& value) {
  return value.kind() == Kind::kOpaque && value.opaque().type_name() == kType;
}

template <std::string (*part)(const Url&)>
Value Part(Args args, Arena& arena) {
  if (!IsUrlValue(args[0])) return NoMatch();
  const Url& url = static_cast<const UrlValue&>(args[0].opaque()).url();
  return Value::String(arena.Copy(part(url)));
}

Value Query(Args args, Arena& arena) {
  if (!IsUrlValue(args[0])) return NoMatch();
  const auto values = static_cast<const UrlValue&>(args[0].opaque()).url().Query();
  MapData* const map = NewMap(values.size(), arena);
  for (const auto& [name, texts] : values) {
    Value* const items = arena.AllocateArray<Value>(texts.size());
    for (size_t i = 0; i < texts.size(); ++i) items[i] = Value::String(arena.Copy(texts[i]));
    Insert(*map, Value::String(arena.Copy(name)), MakeList(items, texts.size(), arena), arena);
  }
  return Value::Map(map);
}

}  // namespace

std::vector<Function> UrlFunctions() {
  std::vector<Function> functions = {
      {"url", {"string_to_url: string -> kubernetes.URL"}, FromString},
      {"isURL", {"is_url_string: string -> bool"}, IsUrl},
      {"getScheme", {"url_get_scheme: .kubernetes.URL -> string"}, Part<Scheme>},
      {"getHost", {"url_get_host: .kubernetes.URL -> string"}, Part<Host>},
      {"getHostname", {"url_get_hostname: .kubernetes.URL -> string"}, Part<HostName>},
      {"getPort", {"url_get_port: .kubernetes.URL -> string"}, Part<Port>},
      {"getEscapedPath", {"url_get_escaped_path: .kubernetes.URL -> string"}, Part<EscapedPath>},
      {"getQuery", {"url_get_query: .kubernetes.URL -> map(string, list(string))"}, Query},
  };
  for (Function& function : functions) function.needs = &Features::kubernetes;
  return functions;
}

}  // namespace sluice::cel
