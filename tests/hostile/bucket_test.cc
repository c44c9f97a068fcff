// Buckets of hostile object stores: the same promises as for Git.

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/hostile/server.h"
#include "tests/hostile/siege.h"

namespace sluice::hostile {
namespace {

constexpr char kTimeout[] = "8s";
constexpr absl::Duration kLimit = absl::Seconds(90);
// The index of a bucket may have 48 MiB, and is let go and made again when it is tried again.
constexpr double kMaxMemoryMib = 384;
constexpr absl::Duration kMaxNeighbour = absl::Seconds(5);
constexpr char kFailed[] = "BucketOperationFailed";

std::string Listing(const std::vector<std::string>& keys, const std::string& next = "") {
  std::string body = "<?xml version=\"1.0\"?><ListBucketResult>";
  for (const std::string& key : keys) {
    absl::StrAppend(&body, "<Contents><Key>", key, "</Key><ETag>\"e\"</ETag></Contents>");
  }
  if (!next.empty()) {
    absl::StrAppend(&body, "<IsTruncated>true</IsTruncated><NextContinuationToken>", next,
                    "</NextContinuationToken>");
  }
  return body + "</ListBucketResult>";
}

TEST_CASE("object stores that never stop, lie, or lead elsewhere", "[hostile][bucket]") {
  Server server;
  Server bait;
  bait.On("/", Reply(200, {}, "stolen"));
  const std::string host = absl::StrReplaceAll(server.url(), {{"http://", ""}});
  const std::vector<std::string> secrets = {"access-hunter2", "secret-hunter2"};
  std::vector<Hostile> all;
  // A bucket that exists, has no .sourceignore, and lists as told.
  const auto add = [&](const std::string& name, Behaviour list, const std::string& text,
                       const std::string& status = "False") {
    const std::string root = absl::StrCat("/", name, "/");
    server.On(root, [list](const Seen& seen, Answer& answer) {
      seen.method == "HEAD" ? Reply(200, {}, "")(seen, answer) : list(seen, answer);
    });
    server.On(root + ".sourceignore", Reply(404, {}, "<Error><Code>NoSuchKey</Code></Error>"));
    all.push_back({.kind = "Bucket",
                   .name = name,
                   .spec = {{"interval", "1h"},
                            {"timeout", kTimeout},
                            {"endpoint", host},
                            {"insecure", true},
                            {"bucketName", name},
                            {"secretRef", {{"name", "keys"}}}},
                   .status = status,
                   .reason = status == "True" ? "Succeeded" : kFailed,
                   .text = text,
                   .endless = absl::StrContains(name, "endless")});
  };
  const auto object = [&](const std::string& bucket, Behaviour behaviour) {
    server.On(absl::StrCat("/", bucket, "/object"), std::move(behaviour));
  };
  const std::string one = Listing({"object"});

  std::string more;
  for (int i = 0; i < 400; ++i) absl::StrAppend(&more, "<Contents><Key>k", i, "</Key></Contents>");
  add("endless-list", EndlessBody({}, "<?xml version=\"1.0\"?><ListBucketResult>", more),
      "larger than");
  add(
      "endless-pages",
      [](const Seen& seen, Answer& answer) {
        const size_t at = seen.query.rfind("token=");
        const int64_t page = at == std::string::npos ? 0 : std::atoll(seen.query.c_str() + at + 6);
        std::vector<std::string> keys;
        for (int i = 0; i < 1000; ++i) {
          keys.push_back(absl::StrCat(std::string(900, 'k'), page, "/", i));
        }
        Reply(200, {}, Listing(keys, absl::StrCat(page + 1)))(seen, answer);
      },
      "too much memory");
  add("same-page", Reply(200, {}, Listing({"a"}, "again")), "cut off without a way to go on");
  add("drip", Drip({}, one, absl::Milliseconds(50)), "context deadline exceeded");
  add("silence", Silence(), "context deadline exceeded");
  add("redirects", RedirectLoop(), "302 Found");
  add("redirect-elsewhere", Redirect(bait.url() + "/list"), "302 Found");
  add("cut-xml", Reply(200, {}, one.substr(0, one.size() - 3)), "malformed XML");
  {
    std::string nested;
    for (int i = 0; i < 100'000; ++i) nested += "<a>";
    add("nested-xml", Reply(200, {}, nested), "nested too deep");
  }
  {
    std::string laughs = "<?xml version=\"1.0\"?><!DOCTYPE l [<!ENTITY a0 \"ha\">";
    for (int i = 1; i < 20; ++i) {
      absl::StrAppend(&laughs, "<!ENTITY a", i, " \"&a", i - 1, ";&a", i - 1, ";\">");
    }
    absl::StrAppend(&laughs, "]><ListBucketResult><Contents><Key>&a19;</Key></Contents>",
                    "</ListBucketResult>");
    add("billion-laughs", Reply(200, {}, laughs), "a document type");
  }
  // Keys that lead out end inside, as in Flux; what they name is fetched and packed.
  add("dot-dot", Reply(200, {}, Listing({"../../../object", "/etc/object", "a/../../object"})),
      "stored artifact", "True");
  server.On("/dot-dot/a", Reply(200, {{"ETag", "\"e\""}}, "x"));
  server.On("/dot-dot/..", Reply(200, {{"ETag", "\"e\""}}, "x"));
  server.On("/dot-dot//etc", Reply(200, {{"ETag", "\"e\""}}, "x"));
  add("object-endless", Reply(200, {}, one), "it has more than 1073741824 bytes");
  object("object-endless", EndlessBody({{"ETag", "\"e\""}}, "", std::string(60000, 'x')));
  add("object-short", Reply(200, {}, one), "unexpected EOF");
  object("object-short", ClaimLength(1 << 30, {{"ETag", "\"e\""}}, "x"));
  add("object-drip", Reply(200, {}, one), "context deadline exceeded");
  object("object-drip", Drip({{"ETag", "\"e\""}}, "x", absl::Milliseconds(50)));
  add("object-elsewhere", Reply(200, {}, one), "302 Found");
  object("object-elsewhere", Redirect(bait.url() + "/object"));

  Siege siege;
  siege.AddSecret("keys", {{"accesskey", secrets[0]}, {"secretkey", secrets[1]}});
  const Toll toll = siege.Run(all, kLimit);
  CHECK(toll.peak_mib < kMaxMemoryMib);
  CHECK(toll.worst_during < std::max(kMaxNeighbour, 3 * toll.worst_before));
  CHECK(toll.disk_mib < 16);
  CHECK(toll.peak_disk_mib < 1100);
  // The secret key is used and never sent; the access key is no secret but has no business
  // elsewhere either.
  CHECK(bait.SecretsSeen(secrets) == std::vector<std::string>());
  CHECK(server.SecretsSeen({secrets[1]}) == std::vector<std::string>());
  siege.CheckUntold({secrets[1]});
}

}  // namespace
}  // namespace sluice::hostile
