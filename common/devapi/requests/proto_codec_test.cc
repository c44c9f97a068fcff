// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/requests/proto_codec.h"

#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/testing/status_matchers.h"

namespace sluice::devapi {
namespace {

using ::sluice::testing::StatusIs;

// Enough of an encoder to write tests by hand.
std::string Varint(uint64_t value) {
  std::string out;
  while (value >= 0x80) {
    out.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<char>(value));
  return out;
}
std::string Bytes(int field, const std::string& text) {
  return absl::StrCat(Varint(static_cast<uint64_t>(field) << 3 | 2), Varint(text.size()), text);
}
std::string Number(int field, uint64_t value) {
  return absl::StrCat(Varint(static_cast<uint64_t>(field) << 3), Varint(value));
}
std::string Envelope(const std::string& api_version, const std::string& kind,
                     const std::string& raw) {
  return absl::StrCat(std::string("k8s\0", 4), Bytes(1, Bytes(1, api_version) + Bytes(2, kind)),
                      Bytes(2, raw));
}

const BuiltinKinds& Kinds() {
  static const auto* const kKinds = new BuiltinKinds;
  return *kKinds;
}

TEST_CASE("objects are read field by field", "[devapi]") {
  const ProtoCodec codec(Kinds());

  // metadata: name, labels, creationTimestamp; data.
  const std::string metadata = Bytes(1, "a") + Bytes(8, Number(1, 1767225600)) +
                               Bytes(11, Bytes(1, "app") + Bytes(2, "web"));
  const Value config_map =
      codec
          .Decode(Envelope("v1", "ConfigMap",
                           Bytes(1, metadata) + Bytes(2, Bytes(1, "k") + Bytes(2, "v")) +
                               Bytes(3, Bytes(1, "b") + Bytes(2, std::string("\x00\x01", 2)))))
          .value();
  CHECK(config_map == Value{{"apiVersion", "v1"},
                            {"kind", "ConfigMap"},
                            {"metadata", Value{{"name", "a"},
                                               {"labels", Value{{"app", "web"}}},
                                               {"creationTimestamp", "2026-01-01T00:00:00Z"}}},
                            {"data", Value{{"k", "v"}}},
                            {"binaryData", Value{{"b", "AAE="}}}});
}

TEST_CASE("types with a JSON of their own are read as that", "[devapi]") {
  const ProtoCodec codec(Kinds());

  // A Deployment whose strategy has maxSurge as a percentage and maxUnavailable as a number.
  const std::string rolling = Bytes(1, Number(1, 0) + Number(2, 3) + Bytes(3, "")) +
                              Bytes(2, Number(1, 1) + Number(2, 0) + Bytes(3, "25%"));
  const std::string strategy = Bytes(1, "RollingUpdate") + Bytes(2, rolling);
  const Value deployment =
      codec.Decode(Envelope("apps/v1", "Deployment", Bytes(2, Number(1, 2) + Bytes(4, strategy))))
          .value();
  CHECK(deployment["spec"]["replicas"].int_or(0) == 2);
  CHECK(deployment["spec"]["strategy"]["rollingUpdate"] ==
        Value{{"maxUnavailable", 3}, {"maxSurge", "25%"}});

  // A quantity, and a time that is not set.
  const std::string hard = Bytes(1, Bytes(1, "cpu") + Bytes(2, Bytes(1, "500m")));
  const Value quota =
      codec.Decode(Envelope("v1", "ResourceQuota", Bytes(1, Bytes(8, "")) + Bytes(2, hard)))
          .value();
  CHECK(quota["spec"]["hard"]["cpu"].str() == "500m");
  CHECK(quota["metadata"]["creationTimestamp"].is_null());

  // Fields of an inlined message lie in the outer object.
  const std::string volume = Bytes(1, "v") + Bytes(2, Bytes(2, Bytes(1, "Memory")));
  const Value pod = codec.Decode(Envelope("v1", "Pod", Bytes(2, Bytes(1, volume)))).value();
  CHECK(pod["spec"]["volumes"].at(0) ==
        Value{{"name", "v"}, {"emptyDir", Value{{"medium", "Memory"}}}});
}

TEST_CASE("bytes that are no object are refused", "[devapi]") {
  const ProtoCodec codec(Kinds());
  const std::string good = Envelope("v1", "ConfigMap", Bytes(1, Bytes(1, "a")));
  CHECK_THAT(codec.Decode("{}").status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "does not appear to be a protobuf"));
  CHECK_THAT(codec.Decode(Envelope("v1", "Nonsense", "")).status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "no kind \"Nonsense\" is registered"));
  CHECK_FALSE(codec.Decode(Envelope("v1", "ConfigMap", "\x0a\x7f")).ok());
  // Every prefix is either refused or an object; none is read beyond its end.
  for (size_t size = 0; size < good.size(); ++size) {
    const auto decoded = codec.Decode(good.substr(0, size));
    if (decoded.ok()) CHECK(decoded->is_object());
  }
}

TEST_CASE("deep nesting ends", "[devapi]") {
  const ProtoCodec codec(Kinds());
  // JSONSchemaProps.not within itself.
  std::string schema;
  for (int i = 0; i < 200; ++i) schema = Bytes(28, schema);
  const std::string version = Bytes(4, Bytes(1, schema));
  CHECK_THAT(codec
                 .Decode(Envelope("apiextensions.k8s.io/v1", "CustomResourceDefinition",
                                  Bytes(2, Bytes(7, version))))
                 .status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "too many levels"));
}

}  // namespace
}  // namespace sluice::devapi
