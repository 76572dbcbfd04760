// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_LIB_TESTING_FAKE_IDENTITY_HPP
#define BINARLY_LIB_TESTING_FAKE_IDENTITY_HPP

#include <binarly/testing/fake_service.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace binarly::testing {

using form_fields = std::map<std::string, std::string, std::less<>>;

/// Reads application/x-www-form-urlencoded (RFC 6749, appendix B), strictly: nothing comes of a
/// broken escape, of a character that is not printable ASCII, or of a name that comes twice
/// (section 3.2). Fields without a value are left out, as the same section wants it.
[[nodiscard]] std::optional<form_fields> parse_form(std::string_view text);

/// Whether a Content-Type says that the body is a form.
[[nodiscard]] bool is_form(std::string_view content_type);

struct basic_credentials {
  std::string id;
  std::string secret;
};

/// Whether the halves of Basic credentials are encoded as in a form, as RFC 6749 wants it (section
/// 2.3.1), or stand there as they are.
enum class basic_coding { form, none };

/// Reads an Authorization field of the scheme Basic, just as strictly.
[[nodiscard]] std::optional<basic_credentials> parse_basic(
    std::string_view authorization, basic_coding coding = basic_coding::form);

/// The tokens that an identity server has issued, shared by those who accept them.
///
/// Token `n` follows from the seed and `n`, so only what happened to it is kept, until it expires.
/// May be used from any threads.
class token_register {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  token_register(std::uint64_t seed, const fake_identity& identity) noexcept
      : seed_(seed), lifetime_(identity.token_lifetime), uses_per_token_(identity.uses_per_token) {}

  [[nodiscard]] std::string issue(time_point now = std::chrono::steady_clock::now());
  /// A token that `accept` refuses.
  [[nodiscard]] std::string issue_useless(time_point now = std::chrono::steady_clock::now());
  /// Whether the token is good; that takes one use of it.
  [[nodiscard]] bool accept(std::string_view token,
                            time_point now = std::chrono::steady_clock::now());
  /// Whether it is one that was issued to be refused.
  [[nodiscard]] bool is_useless(std::string_view token) const;
  void revoke_all();
  [[nodiscard]] std::uint64_t issued() const;

 private:
  struct life {
    time_point end;
    std::uint64_t uses = 0;
    bool useless = false;
  };

  [[nodiscard]] std::string issue(time_point now, bool useless);
  /// Where its life is kept; nothing when it was not issued, or is forgotten. Under the lock.
  [[nodiscard]] std::optional<std::size_t> find(std::string_view token) const;

  const std::uint64_t seed_;
  const std::chrono::seconds lifetime_;
  const std::uint64_t uses_per_token_;
  mutable std::mutex mutex_;
  std::uint64_t issued_ = 0;
  /// Of the latest tokens, in order; those before have expired or were revoked.
  std::deque<life> lives_;
};

}  // namespace binarly::testing

#endif
