// Memory for one evaluation: everything computed lives until the evaluation ends.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/base/attributes.h"
#include "absl/strings/string_view.h"

namespace sluice::cel {

// Not thread-safe. The first bytes need no allocation.
class Arena {
 public:
  // After `limit` bytes exhausted() is true; what is asked for is given all the same, so callers
  // whose results can be much larger than their arguments ask Fits() first.
  explicit Arena(size_t limit) : limit_(limit) {}
  ~Arena() {
    for (auto it = owned_.rbegin(); it != owned_.rend(); ++it) it->destroy(it->object);
  }
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  bool exhausted() const { return used_ > limit_; }
  bool Fits(size_t bytes) const { return bytes <= limit_ && used_ + bytes <= limit_; }

  // For any type.
  void* Allocate(size_t bytes) ABSL_ATTRIBUTE_LIFETIME_BOUND {
    bytes = (bytes + kAlignment - 1) & ~(kAlignment - 1);
    used_ += bytes;
    if (bytes > static_cast<size_t>(end_ - next_)) NewBlock(bytes);
    char* const start = next_;
    next_ += bytes;
    return start;
  }

  template <typename T>
  T* AllocateArray(size_t count) ABSL_ATTRIBUTE_LIFETIME_BOUND {
    static_assert(std::is_trivially_destructible_v<T> && alignof(T) <= kAlignment);
    return static_cast<T*>(Allocate(count * sizeof(T)));
  }

  absl::string_view Copy(absl::string_view text) ABSL_ATTRIBUTE_LIFETIME_BOUND {
    if (text.empty()) return {};
    char* const bytes = static_cast<char*>(Allocate(text.size()));
    std::memcpy(bytes, text.data(), text.size());
    return {bytes, text.size()};
  }

  template <typename T, typename... Args>
  T* New(Args&&... args) ABSL_ATTRIBUTE_LIFETIME_BOUND {
    static_assert(alignof(T) <= kAlignment);
    T* const object = new (Allocate(sizeof(T))) T{std::forward<Args>(args)...};
    if constexpr (!std::is_trivially_destructible_v<T>) {
      owned_.push_back({object, [](void* o) { static_cast<T*>(o)->~T(); }});
    }
    return object;
  }

 private:
  static constexpr size_t kAlignment = alignof(std::max_align_t);
  static constexpr size_t kInlineBytes = 512;
  static constexpr size_t kBlockBytes = 8192;

  struct Owned {
    void* object;
    void (*destroy)(void*);
  };

  void NewBlock(size_t at_least) {
    const size_t size = std::max(at_least, kBlockBytes);
    blocks_.push_back(std::make_unique<char[]>(size));
    next_ = blocks_.back().get();
    end_ = next_ + size;
  }

  size_t limit_;
  size_t used_ = 0;
  alignas(kAlignment) char inline_[kInlineBytes];
  char* next_ = inline_;
  char* end_ = inline_ + kInlineBytes;
  std::vector<std::unique_ptr<char[]>> blocks_;
  std::vector<Owned> owned_;
};

}  // namespace sluice::cel
