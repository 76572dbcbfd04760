// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_DOMAIN_ERROR_READER_HPP
#define BINARLY_DOMAIN_ERROR_READER_HPP

#include <binarly/failure.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace boost::json {
class object;
}

namespace binarly::domain {

/// What the body of an error says: of the platform, of an identity server, or of a gateway before
/// one of them. For the latter two `message` begins with the word that programs know the error by.
/// Texts are printable and bounded: 512 bytes for the message and some for that word, 256 for the
/// others, 16 details; absent members are empty.
struct error_envelope {
  /// Whether it has the form of the platform's API: an object with a `message` that is not empty,
  /// and none of the members by which other software's errors are known.
  bool of_platform = false;
  std::string message;
  std::vector<service_detail> details;
  std::string permission;
  std::string resource_name;
};

/// Of a body that has been read already; see `error_reader::finish`.
[[nodiscard]] std::optional<error_envelope> envelope_of(const boost::json::object& object,
                                                        std::string_view secret);

/// Reads the body of an answer that is an error. It takes what it can get: an error may as well
/// come from a load balancer, and a body that is hard to read must not hide the status.
class error_reader {
 public:
  /// Takes the next piece; a body beyond 64 KiB is not looked at.
  void write(std::string_view piece);

  /// What it says, a byte order mark before it passed over; nothing when the body is no JSON object
  /// with a known field in it. `secret` is struck out of every text.
  [[nodiscard]] std::optional<error_envelope> finish(std::string_view secret = {}) const;

 private:
  std::string body_;
  bool too_long_ = false;
};

}  // namespace binarly::domain

#endif
