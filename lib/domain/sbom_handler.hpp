// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_DOMAIN_SBOM_HANDLER_HPP
#define BINARLY_DOMAIN_SBOM_HANDLER_HPP

#include "domain/sbom_members.hpp"
#include "domain/spdx_subject.hpp"

#include <binarly/failure.hpp>
#include <binarly/image_hashes.hpp>

#include <boost/json/error.hpp>
#include <boost/json/string_view.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace binarly::domain {

/// Picks checksums out of a JSON parser's events; a handler as `boost::json::basic_parser` wants
/// it.
///
/// It keeps a frame for each known object or array that it is in, and for each component, package
/// or file that is open what was read of it, since its name may come after its checksums. Of a
/// member that nobody asks for only the nesting is counted, until its value ends.
///
/// A function returns false, with the error code set, when the report breaks a promise; `flaw` then
/// says in words which.
class sbom_handler {
 public:
  using error_code = boost::json::error_code;
  using view = boost::json::string_view;

  // The parser enforces these. What is of no use is not held, so that its size costs nothing.
  static constexpr std::size_t max_depth = 256;
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = std::size_t{1} << 30U;
  static constexpr std::size_t max_key_size = std::size_t{1} << 20U;

  /// In bytes, of a text that is of use.
  static constexpr std::size_t max_text_size = 64 * 1024;
  /// Of components within components.
  static constexpr std::size_t max_levels = 64;
  /// Of one component, package or file.
  static constexpr std::size_t max_checksums = 32;
  /// Of files that were asked for, in all.
  static constexpr std::size_t max_files = 10'000;

  explicit sbom_handler(std::shared_ptr<const hash_query> wanted);

  /// The member that is being read, such as `components[3].hashes[0].alg`; empty outside known
  /// ones.
  [[nodiscard]] std::string field() const;
  [[nodiscard]] const std::string& flaw() const noexcept { return flaw_; }
  /// What the flaw amounts to.
  [[nodiscard]] errc code() const noexcept { return code_; }
  /// After the document's end: false, with a flaw, when the whole is no report.
  [[nodiscard]] bool conclude();
  [[nodiscard]] image_hashes& value() noexcept { return found_; }

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code& ec);
  bool on_object_end(std::size_t, error_code& ec);
  bool on_array_begin(error_code& ec);
  bool on_array_end(std::size_t, error_code&);
  bool on_key_part(view part, std::size_t, error_code&);
  bool on_key(view last, std::size_t size, error_code& ec);
  bool on_string_part(view part, std::size_t size, error_code&);
  bool on_string(view last, std::size_t size, error_code& ec);
  bool on_number_part(view, error_code&) { return true; }
  bool on_int64(std::int64_t, view, error_code& ec) { return on_other("a number", ec); }
  bool on_uint64(std::uint64_t, view, error_code& ec) { return on_other("a number", ec); }
  bool on_double(double, view, error_code& ec) { return on_other("a number", ec); }
  bool on_bool(bool, error_code& ec) { return on_other("a boolean", ec); }
  bool on_null(error_code& ec);
  bool on_comment_part(view, error_code&) { return true; }
  bool on_comment(view, error_code&) { return true; }

 private:
  struct frame {
    sbom_part what = sbom_part::document;
    sbom_member member = sbom_member::none;  // whose value is due; none in arrays
    std::uint32_t seen = 0;                  // a bit for each member that was there
    std::size_t elements = 0;                // of an array
  };

  /// A component, package or file that is open.
  struct element {
    bool named = false;
    std::vector<std::string_view> names;  // those of the wanted ones that are its own
    std::string id;
    std::string checksums;
    std::size_t count = 0;  // of its checksums

    void clear();
  };

  bool fail(error_code& ec, std::string flaw, errc code = errc::bad_response);
  bool wrong_kind(error_code& ec, std::string_view found);

  [[nodiscard]] frame& top() noexcept { return frames_[depth_ - 1]; }
  [[nodiscard]] element& current() noexcept { return elements_[open_ - 1]; }
  [[nodiscard]] sbom_kind due() noexcept;
  void push(sbom_part what);
  bool pop(error_code& ec);

  bool on_other(std::string_view found, error_code& ec);
  [[nodiscard]] bool keeps_text() noexcept;
  bool store(std::string_view text, error_code& ec);
  void store_name(std::string_view text);
  [[nodiscard]] bool keeps_checksums() noexcept;
  bool end_checksum(error_code& ec);
  bool end_element(sbom_part what, error_code& ec);
  bool end_relationship(error_code& ec);
  bool describe(std::string_view id, error_code& ec);

  const std::shared_ptr<const hash_query> query_;
  const sbom_format format_;
  std::unordered_set<std::string_view> wanted_;
  // Twice for each level of components: the array and its element; and some about them.
  std::array<frame, 2 * max_levels + 8> frames_{};
  std::size_t depth_ = 0;
  std::size_t aside_ = 0;          // containers open within what is of no use
  std::vector<element> elements_;  // kept when they end, for their room
  std::size_t open_ = 0;           // of these
  std::size_t levels_ = 0;         // of components that are open
  std::string parts_;              // of a key or text that comes in pieces
  std::string algorithm_;          // of the checksum that is open
  std::string value_;              // likewise
  std::string from_;               // of the relationship that is open
  std::string kind_;               // likewise
  std::string to_;                 // likewise
  bool marked_ = false;            // as a report of the format
  spdx_subject subject_;
  image_hashes found_;
  std::string flaw_;
  errc code_ = errc::bad_response;
};

}  // namespace binarly::domain

#endif
