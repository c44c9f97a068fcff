// SPDX-License-Identifier: Apache-2.0
#include "services/image-controller/tags/tag_store.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/disk/temp_dir.h"
#include "common/testing/status_matchers.h"

namespace sluice::image_controller {
namespace {

using ::sluice::testing::IsOk;

using Tags = std::vector<std::string>;

struct Fixture {
  std::unique_ptr<TagStore> Open(size_t compress_from = 64 << 10) {
    return TagStore::Open(scratch.path(), compress_from).value();
  }
  std::vector<std::string> Files(const std::string& directory) {
    std::vector<std::string> names;
    const auto entries = scratch.root().List(directory);
    if (!entries.ok()) return {};
    for (const disk::DiskEntry& entry : *entries) names.push_back(entry.name);
    return names;
  }

  disk::TempDir scratch = disk::TempDir::Create("tags").value();
  const kube::ObjectKey key = {"ns", "app"};
};

TEST_CASE("tags come back in their order, also after a restart", "[tags]") {
  Fixture f;
  CHECK(f.Open()->Read(f.key)->tags.empty());
  CHECK(f.Open()->Read(f.key)->revision.empty());
  const std::string revision = f.Open()->Write(f.key, Tags{"2", "10", "1"}).value();
  const StoredTags stored = f.Open()->Read(f.key).value();
  CHECK(stored.tags == Tags{"2", "10", "1"});
  CHECK(stored.revision == revision);
  CHECK(f.Open()->Read({"ns", "other"})->tags.empty());
  CHECK(f.Open()->Read({"other", "app"})->tags.empty());
  CHECK(f.Open()->Write(f.key, Tags{"3"}).value() != revision);
  CHECK(f.Open()->Read(f.key)->tags == Tags{"3"});
  CHECK_THAT(f.Open()->Write(f.key, Tags{}).status(), IsOk());
  CHECK(f.Open()->Read(f.key)->tags.empty());
}

TEST_CASE("large lists are compressed, and only one form is left", "[tags]") {
  Fixture f;
  const auto store = f.Open(20);
  const Tags small = {"1", "2"};
  const Tags large = {"a-rather-long-tag", "another-long-tag"};
  const std::string revision = f.Open(1 << 20)->Write(f.key, large).value();
  CHECK(f.Files("imagerepository/ns/app") == Tags{"tags.txt"});
  CHECK(store->Write(f.key, small).ok());
  CHECK(store->Write(f.key, large).value() == revision);
  CHECK(f.Files("imagerepository/ns/app") == Tags{"tags.gz"});
  CHECK(store->Read(f.key)->tags == large);
  CHECK(store->Read(f.key)->revision == revision);
  CHECK(store->Write(f.key, small).ok());
  CHECK(f.Files("imagerepository/ns/app") == Tags{"tags.txt"});
  CHECK(store->Read(f.key)->tags == small);
}

TEST_CASE("ten thousand tags take little space", "[tags]") {
  Fixture f;
  Tags tags;
  for (int i = 0; i < 10000; ++i)
    tags.push_back(absl::StrCat("main-", 100000 - i, "-0a1b2c3d4e5f"));
  CHECK(f.Open()->Write(f.key, tags).ok());
  CHECK(f.scratch.root().Stat("imagerepository/ns/app/tags.gz")->size < 100 << 10);
  CHECK(f.Open()->Read(f.key)->tags == tags);
}

TEST_CASE("what is damaged or of another layout reads as nothing", "[tags]") {
  Fixture f;
  CHECK(f.Open(0)->Write(f.key, Tags{"1"}).ok());
  CHECK(f.scratch.root().WriteFile("imagerepository/ns/app/tags.gz", "garbage").ok());
  CHECK(f.Open()->Read(f.key)->tags.empty());
  CHECK(f.Open()->Write(f.key, Tags{"1"}).ok());
  CHECK(f.Open()->Read(f.key)->tags == Tags{"1"});
  CHECK(f.scratch.root().WriteFile(".storage-version", "7").ok());
  CHECK(f.scratch.root().WriteFile("something-else", "stays").ok());
  CHECK(f.Open()->Read(f.key)->tags.empty());
  CHECK(f.Files("") == Tags{".storage-version", "something-else"});
}

TEST_CASE("tags of objects that are gone are removed", "[tags]") {
  Fixture f;
  const auto store = f.Open();
  for (const kube::ObjectKey& key : {f.key, kube::ObjectKey{"ns", "old"}, {"gone", "a"}}) {
    CHECK(store->Write(key, Tags{"1"}).ok());
  }
  CHECK(store->CollectGarbage([&](const kube::ObjectKey& key) { return key == f.key; }).value() ==
        2);
  CHECK(f.Files("imagerepository") == Tags{"ns"});
  CHECK(f.Files("imagerepository/ns") == Tags{"app"});
  CHECK_THAT(store->Remove(f.key), IsOk());
  CHECK_THAT(store->Remove(f.key), IsOk());
  CHECK(f.Files("imagerepository").empty());
  CHECK(store->CollectGarbage([](const kube::ObjectKey&) { return true; }).value() == 0);
}

}  // namespace
}  // namespace sluice::image_controller
