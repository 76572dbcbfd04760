// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "call/file_token.hpp"

#include "call/bearer.hpp"
#include "domain/printable.hpp"
#include "domain/wipe.hpp"

#include <binarly/failure.hpp>
#include <binarly/secret.hpp>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <fcntl.h>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace binarly::call {
namespace {

constexpr std::size_t largest_file = 64 * 1024;
constexpr std::size_t longest_shown_path = 256;

/// Whether it is this machine's trouble rather than the file's.
bool may_pass(int error) noexcept {
  switch (error) {
    case EINTR:
    case EIO:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case ESTALE:
      return true;
    default:
      return false;
  }
}

/// The file's text; at most 64 KiB.
result<secret> read_token_file(const std::string& path) {
  const auto refuse = [&](const std::string& what, int why = 0) {
    return failure(may_pass(why) ? errc::token_unavailable : errc::invalid_argument,
                   "the file " + domain::printable(path, longest_shown_path) + ' ' + what);
  };
  // A pipe would wait for its writer, and so would everything else on the strand.
  const int number = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (number < 0) {
    const int why = errno;
    return refuse("cannot be opened: " + std::generic_category().message(why), why);
  }
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(::fdopen(number, "rb"), &std::fclose);
  if (!file) {
    const int why = errno;
    ::close(number);
    return refuse("cannot be opened: " + std::generic_category().message(why), why);
  }
  struct stat about {};
  if (::fstat(number, &about) == 0 && !S_ISREG(about.st_mode) && !S_ISDIR(about.st_mode)) {
    return refuse("is no regular file, which could be read again and again");
  }
  // Its own buffer would keep what was read.
  std::setvbuf(file.get(), nullptr, _IONBF, 0);
  std::string text(largest_file + 1, '\0');
  const auto size = std::fread(text.data(), 1, text.size(), file.get());
  const bool failed = std::ferror(file.get()) != 0;
  const int why = errno;
  if (!failed && size <= largest_file) {
    text.resize(size);
    return secret(std::move(text));
  }
  domain::wipe(text);
  if (failed) return refuse("cannot be read: " + std::generic_category().message(why), why);
  return refuse("is larger than 64 KiB, which no token is");
}

class file_fetcher final : public token_fetcher {
 public:
  file_fetcher(std::string path, std::function<void(std::function<void()>)> post)
      : path_(std::move(path)), post_(std::move(post)) {}

  void async_fetch(bool, handler done) override {
    auto got = std::make_shared<result<access_token>>(read());
    post_([done = std::move(done), got] { done(std::move(*got)); });
  }
  [[nodiscard]] std::optional<std::chrono::nanoseconds> look_again() const override {
    return std::chrono::seconds(1);
  }
  void shutdown() override {}
  void abandon() override {}

 private:
  [[nodiscard]] result<access_token> read() const {
    auto text = read_token_file(path_);
    if (!text) return text.error();
    auto usable = usable_bearer(*text);
    if (usable) return access_token(std::move(*usable));
    // Somebody may be writing a new one: a shell's `>` empties the file first.
    const bool blank = text->reveal().find_first_not_of(" \t\r\n") == std::string_view::npos;
    const auto code = blank ? errc::token_unavailable : errc::invalid_argument;
    return failure(code, "in the file " + domain::printable(path_, longest_shown_path) + ", " +
                             usable.error().detail().reason);
  }

  const std::string path_;
  const std::function<void(std::function<void()>)> post_;
};

}  // namespace

std::unique_ptr<token_fetcher> make_file_fetcher(std::string path,
                                                 std::function<void(std::function<void()>)> post) {
  return std::make_unique<file_fetcher>(std::move(path), std::move(post));
}

}  // namespace binarly::call
