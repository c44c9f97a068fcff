// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal_guard.h"

#include <ostream>
#include <streambuf>

namespace sluice::cli {
namespace {

// Bytes of the sequence that colours at the start of `text`; 0 if there is none.
size_t ColourLength(absl::string_view text) {
  if (text.size() < 3 || text.substr(0, 2) != "\x1b[") return 0;
  const size_t end = text.find_first_not_of("0123456789;", 2);
  return end != absl::string_view::npos && text[end] == 'm' ? end + 1 : 0;
}

bool IsLatinControl(absl::string_view text) {
  return text.size() >= 2 && text[0] == '\xC2' && static_cast<unsigned char>(text[1]) >= 0x80 &&
         static_cast<unsigned char>(text[1]) < 0xA0;
}

}  // namespace

std::string WithoutControl(absl::string_view text) {
  std::string shown;
  shown.reserve(text.size());
  for (size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (const size_t colour = ColourLength(text.substr(at)); colour > 0) {
      shown.append(text.data() + at, colour);
      at += colour - 1;
    } else if (IsLatinControl(text.substr(at))) {
      shown += "\xEF\xBF\xBD";
      ++at;
    } else if (c == '\x7F') {
      shown += "^?";
    } else if (c >= '\0' && c < ' ' && c != '\n' && c != '\t') {
      shown += {'^', static_cast<char>(c + '@')};
    } else {
      shown += c;
    }
  }
  return shown;
}

class TerminalGuard::Buffer : public std::streambuf {
 public:
  explicit Buffer(std::streambuf* inner) : inner_(inner) {}
  std::streambuf* inner() const { return inner_; }

 protected:
  int_type overflow(int_type c) override {
    if (traits_type::eq_int_type(c, traits_type::eof())) return traits_type::not_eof(c);
    const char byte = traits_type::to_char_type(c);
    return xsputn(&byte, 1) == 1 ? c : traits_type::eof();
  }
  std::streamsize xsputn(const char* bytes, std::streamsize count) override {
    const std::string shown = WithoutControl(absl::string_view(bytes, static_cast<size_t>(count)));
    const auto size = static_cast<std::streamsize>(shown.size());
    return inner_->sputn(shown.data(), size) == size ? count : 0;
  }
  int sync() override { return inner_->pubsync(); }

 private:
  std::streambuf* const inner_;
};

TerminalGuard::TerminalGuard(std::ostream& stream)
    : stream_(stream), buffer_(std::make_unique<Buffer>(stream.rdbuf())) {
  stream_.rdbuf(buffer_.get());
}

TerminalGuard::~TerminalGuard() { stream_.rdbuf(buffer_->inner()); }

void WriteUnguarded(std::ostream& stream, absl::string_view text) {
  const auto* guarded = dynamic_cast<const TerminalGuard::Buffer*>(stream.rdbuf());
  std::streambuf* buffer = guarded == nullptr ? stream.rdbuf() : guarded->inner();
  buffer->sputn(text.data(), static_cast<std::streamsize>(text.size()));
}

}  // namespace sluice::cli
