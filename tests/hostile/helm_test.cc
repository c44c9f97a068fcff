// Helm repositories, registries and charts that are hostile: the same promises as for Git.

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <catch2/catch.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/archive/gzip.h"
#include "common/archive/tar_writer.h"
#include "common/crypto/digest.h"
#include "common/helm/package.h"
#include "tests/hostile/server.h"
#include "tests/hostile/siege.h"

namespace sluice::hostile {
namespace {

constexpr uint64_t kMib = uint64_t{1} << 20;
constexpr char kTimeout[] = "8s";
constexpr absl::Duration kLimit = absl::Seconds(90);
constexpr double kMaxMemoryMib = 256;
constexpr absl::Duration kMaxNeighbour = absl::Seconds(5);

void CheckToll(const Toll& toll) {
  CHECK(toll.peak_mib < kMaxMemoryMib);
  CHECK(toll.worst_during < std::max(kMaxNeighbour, 3 * toll.worst_before));
  CHECK(toll.disk_mib < 16);
  CHECK(toll.peak_disk_mib < 256);
}

Hostile Repository(const std::string& name, const std::string& url, const std::string& reason,
                   const std::string& text) {
  return {.kind = "HelmRepository",
          .name = name,
          .spec = {{"interval", "1h"}, {"timeout", kTimeout}, {"url", url}},
          .reason = reason,
          .text = text};
}

Hostile Chart(const std::string& name, const std::string& repository, const std::string& chart,
              const std::string& reason, const std::string& text) {
  return {.kind = "HelmChart",
          .name = name,
          .spec = {{"interval", "1h"},
                   {"chart", chart},
                   {"version", "*"},
                   {"sourceRef", {{"kind", "HelmRepository"}, {"name", repository}}}},
          .reason = reason,
          .text = text};
}

struct Member {
  archive::TarEntry entry;
  std::string content;
};

std::string TarGz(const std::vector<Member>& members) {
  std::string tar;
  archive::TarWriter writer([&tar](absl::string_view bytes) {
    tar.append(bytes.data(), bytes.size());
    return absl::OkStatus();
  });
  for (const Member& member : members) {
    archive::TarEntry entry = member.entry;
    entry.size = member.content.size();
    REQUIRE(writer.Begin(entry).ok());
    REQUIRE(writer.Write(member.content).ok());
  }
  REQUIRE(writer.Finish().ok());
  return archive::Gzip(tar);
}

Member File(const std::string& name, const std::string& content) {
  return {{.name = name, .type = archive::TarEntry::Type::kFile, .mode = 0644}, content};
}

TEST_CASE("Helm repositories whose index is a weapon", "[hostile][helm]") {
  Server server;
  std::vector<Hostile> all;
  const auto add = [&](const std::string& name, Behaviour behaviour, const std::string& text,
                       const std::string& reason = "Failed") {
    server.On(absl::StrCat("/", name, "/index.yaml"), std::move(behaviour));
    all.push_back(Repository(name, absl::StrCat(server.url(), "/", name), reason, text));
    all.back().endless = absl::StrContains(text, "maximum index file size");
  };
  const std::string start = "apiVersion: v1\nentries:\n";
  std::string entries;
  for (int i = 0; i < 500; ++i) absl::StrAppend(&entries, "  # ", std::string(100, 'x'), "\n");
  add("endless", EndlessBody({}, start, entries), "exceeds the maximum index file size");
  add("long-line", EndlessBody({}, start + "  a", std::string(60000, 'a')),
      "exceeds the maximum index file size");
  add("drip", Drip({}, start, absl::Milliseconds(100)), "context deadline exceeded");
  add("silence", Silence(), "context deadline exceeded");
  add("endless-head", EndlessHead(), "too large");
  add("endless-interim", EndlessInterim(), "context deadline exceeded");
  add("broken-chunks", BrokenChunks(), "malformed chunked encoding");
  add("redirects", RedirectLoop(), "stopped after 10 redirects");
  add("short", ClaimLength(uint64_t{1} << 40, {}, start), "unexpected EOF");
  add("gzip-bomb", Reply(200, {{"Content-Encoding", "gzip"}}, GzipBomb(1024 * kMib)),
      "control characters are not allowed", "IndexationFailed");
  add("redirect-file", Redirect("file:///etc/passwd"), "not http or https");
  {
    // Nine levels of nine aliases each.
    std::string bomb = "apiVersion: v1\na0: &a0 [x,x,x,x,x,x,x,x,x]\n";
    for (int i = 1; i < 12; ++i) {
      const std::string alias = absl::StrCat("*a", i - 1);
      absl::StrAppend(&bomb, "a", i, ": &a", i, " [", alias);
      for (int k = 0; k < 8; ++k) absl::StrAppend(&bomb, ",", alias);
      absl::StrAppend(&bomb, "]\n");
    }
    add("alias-bomb", Reply(200, {}, bomb + "entries: {}\n"), "excessive aliasing",
        "IndexationFailed");
  }
  add("deep", Reply(200, {}, start + "  a: " + std::string(1'000'000, '[')), "exceeded max depth",
      "IndexationFailed");
  {
    // One version of 40 MiB, below the limit for the file.
    std::string large = start + "  a:\n  - name: a\n    version: 1.0.0\n    urls: [a.tgz]\n";
    absl::StrAppend(&large, "    description: \"", std::string(40 * kMib, 'd'), "\"\n");
    add("one-version", Reply(200, {}, large), "belong together", "IndexationFailed");
  }
  Siege siege;
  CheckToll(siege.Run(all, kLimit));
}

TEST_CASE("charts that are no charts", "[hostile][helm]") {
  Server server;
  Server bait;
  helm::Metadata metadata;
  metadata.name = "good";
  metadata.version = "1.0.0";
  metadata.api_version = "v2";
  const std::string good =
      helm::Package(metadata, {{"values.yaml", "a: 1\n"}}, absl::UnixEpoch()).value();
  server.On("/good.tgz", Reply(200, {}, good));
  bait.On("/", Reply(200, {}, good));

  std::string index = "apiVersion: v1\nentries:\n";
  std::vector<Hostile> all;
  const auto add = [&](const std::string& name, const std::string& url, const std::string& text,
                       const std::string& reason = "ChartPullError") {
    absl::StrAppend(&index, "  ", name, ":\n  - {name: ", name, ", version: 1.0.0, urls: ['", url,
                    "']}\n");
    all.push_back(Chart(name, "repository", name, reason, text));
    all.back().endless = name == "endless";
  };
  const auto serve = [&](const std::string& name, Behaviour behaviour, const std::string& text,
                         const std::string& reason = "ChartPullError") {
    server.On(absl::StrCat("/", name, ".tgz"), std::move(behaviour));
    add(name, absl::StrCat(name, ".tgz"), text, reason);
  };
  const std::string chart_yaml = "apiVersion: v2\nname: bomb\nversion: 1.0.0\n";
  serve("endless", EndlessBody({}, good, std::string(60000, 'x')), "exceeds");
  serve("drip", Drip({}, good, absl::Milliseconds(50)), "context deadline exceeded");
  serve("silence", Silence(), "context deadline exceeded");
  serve("redirects", RedirectLoop(), "stopped after 10 redirects");
  serve("short", ClaimLength(5 * kMib, {}, good), "unexpected EOF");
  serve("html", Reply(200, {}, "<html>not here</html>"), "gzip: invalid header");
  serve("gzip-bomb", Reply(200, {}, GzipBomb(2048 * kMib)), "no files in chart archive");
  serve("file-bomb",
        Reply(200, {},
              TarGz({File("bomb/Chart.yaml", chart_yaml),
                     File("bomb/values.yaml", std::string(64 * kMib, '#'))})),
        "larger than the maximum file size");
  {
    std::vector<Member> many = {File("bomb/Chart.yaml", chart_yaml)};
    for (int i = 0; i < 120'000; ++i) many.push_back(File(absl::StrCat("bomb/f", i), ""));
    serve("many-files", Reply(200, {}, TarGz(many)), "too many files");
  }
  serve("dot-dot",
        Reply(200, {}, TarGz({File("bomb/Chart.yaml", chart_yaml), File("bomb/../../evil", "x")})),
        "illegally references parent directory");
  serve("absolute",
        Reply(200, {}, TarGz({File("bomb/Chart.yaml", chart_yaml), File("bomb//etc/evil", "x")})),
        "illegally contains absolute paths");
  serve("name-dots",
        Reply(200, {},
              TarGz({File("x/Chart.yaml", "apiVersion: v2\nname: ../../x\nversion: 1.0.0\n")})),
        "is invalid");
  serve("name-other",
        Reply(200, {}, TarGz({File("x/Chart.yaml", "apiVersion: v2\nname: ..\nversion: 1.0.0\n")})),
        "is not allowed");
  add("elsewhere", bait.url() + "/chart.tgz", "", "");
  all.back().status = "";
  serve("redirect-elsewhere", Redirect(bait.url() + "/redirected.tgz"), "", "");
  all.back().status = "";
  server.On("/index.yaml", Reply(200, {}, index));

  Siege siege;
  const std::vector<std::string> secrets = {"ada-user", "pw-hunter2"};
  siege.AddSecret("login", {{"username", secrets[0]}, {"password", secrets[1]}});
  siege.Apply({{"apiVersion", e2e::kSourceApi},
               {"kind", "HelmRepository"},
               {"metadata", {{"name", "repository"}}},
               {"spec",
                {{"interval", "1h"},
                 {"timeout", kTimeout},
                 {"url", server.url()},
                 {"secretRef", {{"name", "login"}}}}}});
  // The two whose archives come from elsewhere have another name inside; what counts is who saw
  // what.
  std::erase_if(all, [](const Hostile& hostile) { return hostile.status.empty(); });
  for (const char* name : {"elsewhere", "redirect-elsewhere"}) {
    siege.Apply({{"apiVersion", e2e::kSourceApi},
                 {"kind", "HelmChart"},
                 {"metadata", {{"name", name}}},
                 {"spec", Chart(name, "repository", name, "", "").spec}});
  }
  CheckToll(siege.Run(all, kLimit));
  CHECK(e2e::Eventually(kLimit, [&] {
    return bait.CountOf("/chart.tgz") > 0 && bait.CountOf("/redirected.tgz") > 0;
  }));
  CHECK(bait.SecretsSeen(secrets) == std::vector<std::string>());
  CHECK_FALSE(server.SecretsSeen(secrets).empty());
  siege.CheckUntold({secrets[1]});
}

TEST_CASE("registries of charts that are hostile", "[hostile][oci]") {
  Server server;
  Server bait;
  bait.On("/", Reply(200, {{"Content-Type", "application/json"}},
                     R"({"token": "stolen", "access_token": "stolen"})"));
  std::vector<Hostile> all;
  Siege siege;
  const std::vector<std::string> secrets = {"ada-user", "pw-hunter2"};
  siege.AddSecret("login", {{"username", secrets[0]}, {"password", secrets[1]}});
  const std::string host = absl::StrReplaceAll(server.url(), {{"http://", ""}});
  const auto repository = [&](const std::string& name) {
    siege.Apply({{"apiVersion", e2e::kSourceApi},
                 {"kind", "HelmRepository"},
                 {"metadata", {{"name", name}}},
                 {"spec",
                  {{"interval", "1h"},
                   {"timeout", kTimeout},
                   {"type", "oci"},
                   {"insecure", true},
                   {"url", absl::StrCat("oci://", host, "/", name)},
                   {"secretRef", {{"name", "login"}}}}}});
  };
  const auto add = [&](const std::string& name, const std::string& text,
                       const std::string& version = "*") {
    repository(name);
    Hostile chart = Chart(name, name, "web", "", text);
    chart.spec.Set("version", version);
    chart.endless = absl::StartsWith(name, "endless");
    all.push_back(chart);
  };
  const auto at = [&](const std::string& name, const std::string& rest) {
    return absl::StrCat("/v2/", name, "/web/", rest);
  };
  server.On("/v2/", Reply(200, {}, "{}"));
  const http::Headers json = {{"Content-Type", "application/json"}};

  std::string tags = R"({"name": "x/web", "tags": ["0.0.1")";
  std::string more;
  for (int i = 0; i < 2000; ++i) absl::StrAppend(&more, ",\"1.0.", i, "\"");
  server.On(at("endless-tags", "tags/list"), EndlessBody(json, tags, more));
  add("endless-tags", "more than 8388608 bytes");
  server.On(at("endless-pages", "tags/list"), [=](const Seen& seen, Answer& answer) {
    int64_t page = 0;
    const size_t last = seen.query.rfind("page=");
    if (last != std::string::npos) page = std::atoll(seen.query.c_str() + last + 5);
    http::Headers headers = json;
    headers.Set("Link", absl::StrCat("<", seen.path, "?page=", page + 1, ">; rel=\"next\""));
    Reply(200, headers, absl::StrCat(tags, more, "]}"))(seen, answer);
  });
  add("endless-pages", "bytes of tags");
  server.On(at("tags-elsewhere", "tags/list"), [&](const Seen& seen, Answer& answer) {
    Reply(200, {{"Link", absl::StrCat("<", bait.url(), "/v2/tags>; rel=\"next\"")}},
          R"({"tags": ["1.0.0"]})")(seen, answer);
  });
  add("tags-elsewhere", "the next page of tags is on");
  server.On(at("drip", "tags/list"), Drip(json, tags, absl::Milliseconds(50)));
  add("drip", "deadline exceeded");
  server.On(at("silence", "tags/list"), Silence());
  add("silence", "deadline exceeded");
  server.On(at("redirects", "tags/list"), RedirectLoop());
  add("redirects", "stopped after 10 redirects");
  server.On(at("endless-manifest", "manifests/"),
            EndlessBody({{"Content-Type", "application/vnd.oci.image.manifest.v1+json"}}, "{",
                        std::string(60000, ' ')));
  add("endless-manifest", "more than 8388608 bytes", "1.0.0");
  server.On(at("realm", "tags/list"),
            Reply(401,
                  {{"WWW-Authenticate",
                    absl::StrCat("Bearer realm=\"", bait.url_by_name(), "/token\",service=\"x\"")}},
                  ""));
  add("realm", "refused");
  server.On(at("redirect-elsewhere", ""), [&](const Seen& seen, Answer& answer) {
    if (!seen.headers.Has("Authorization")) {
      return Reply(401, {{"WWW-Authenticate", "Basic realm=\"r\""}}, "")(seen, answer);
    }
    Redirect(bait.url() + "/stolen")(seen, answer);
  });
  add("redirect-elsewhere", "could not locate a version");
  {
    // A manifest that is in order, with a layer that is not.
    const std::string layer = "not what it says";
    const std::string digest = crypto::Sha256Hex("something else");
    const auto manifest = [&](uint64_t size) {
      return absl::StrCat(
          R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",)",
          R"("config":{"mediaType":"application/vnd.cncf.helm.config.v1+json","size":2,)",
          R"("digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"},)",
          R"("layers":[{"mediaType":"application/vnd.cncf.helm.chart.content.v1.tar+gzip","size":)",
          size, R"(,"digest":"sha256:)", digest, R"("}]})");
    };
    const http::Headers type = {{"Content-Type", "application/vnd.oci.image.manifest.v1+json"}};
    for (const auto& [name, size] : std::vector<std::pair<std::string, uint64_t>>{
             {"other-layer", layer.size()}, {"huge-layer", uint64_t{1} << 50}}) {
      server.On(at(name, "manifests/"), Reply(200, type, manifest(size)));
      server.On(at(name, "blobs/"), Reply(200, {}, layer));
      add(name, size > layer.size() ? "exceeds" : "its content has the digest", "1.0.0");
    }
    server.On(at("endless-layer", "manifests/"), Reply(200, type, manifest(layer.size())));
    server.On(at("endless-layer", "blobs/"), EndlessBody({}, "", std::string(60000, 'x')));
    add("endless-layer", "it is longer than 16 bytes", "1.0.0");
    server.On(at("layer-elsewhere", "manifests/"), Reply(200, type, manifest(layer.size())));
    server.On(at("layer-elsewhere", "blobs/"), [&](const Seen& seen, Answer& answer) {
      if (!seen.headers.Has("Authorization")) {
        return Reply(401, {{"WWW-Authenticate", "Basic realm=\"r\""}}, "")(seen, answer);
      }
      Redirect(bait.url() + "/layer")(seen, answer);
    });
    add("layer-elsewhere", "the registry sends 45 bytes, not 16", "1.0.0");
  }
  CheckToll(siege.Run(all, kLimit));
  CHECK(bait.CountOf("/layer") > 0);
  CHECK(bait.SecretsSeen(secrets) == std::vector<std::string>());
  siege.CheckUntold({secrets[1]});
}

}  // namespace
}  // namespace sluice::hostile
