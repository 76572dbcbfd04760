// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/file_digest.hpp"

#include <openssl/evp.h>

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <memory>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

namespace binarly::tools {

namespace {

/// Closes it at the end of its scope.
struct open_file {
  int number;
  ~open_file() {
    if (number >= 0) ::close(number);
  }
};

std::string words(int error) { return std::generic_category().message(error); }

std::string hex(const unsigned char* bytes, unsigned size) {
  constexpr const char* digits = "0123456789abcdef";
  std::string out;
  for (unsigned at = 0; at < size; ++at) {
    out += digits[bytes[at] >> 4U];
    out += digits[bytes[at] & 15U];
  }
  return out;
}

}  // namespace

file_digest digest_file(const std::string& path, const std::atomic<bool>& give_up) {
  const auto none = [](std::string why) { return file_digest{"", std::move(why)}; };
  // A pipe that nobody writes to must not hold us up.
  const open_file file{::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
  if (file.number < 0) return none("cannot be opened: " + words(errno));
  struct stat about {};
  if (::fstat(file.number, &about) != 0) return none("cannot be looked at: " + words(errno));
  if (!S_ISREG(about.st_mode)) return none("is no regular file");

  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> sum(EVP_MD_CTX_new(),
                                                                    &EVP_MD_CTX_free);
  if (!sum || EVP_DigestInit_ex(sum.get(), EVP_sha256(), nullptr) != 1) {
    return none("cannot be hashed: OpenSSL has no SHA-256 here");
  }
  std::vector<char> piece(256 * 1024);
  for (;;) {
    if (give_up) return none("was not read to its end: the run was stopped");
    const auto size = ::read(file.number, piece.data(), piece.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return none("cannot be read: " + words(errno));
    if (size == 0) break;
    EVP_DigestUpdate(sum.get(), piece.data(), static_cast<std::size_t>(size));
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned length = 0;
  EVP_DigestFinal_ex(sum.get(), bytes.data(), &length);
  return {hex(bytes.data(), length), ""};
}

}  // namespace binarly::tools
