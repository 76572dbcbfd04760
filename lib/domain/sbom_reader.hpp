// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_DOMAIN_SBOM_READER_HPP
#define BINARLY_DOMAIN_SBOM_READER_HPP

#include <binarly/failure.hpp>
#include <binarly/image_hashes.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace binarly::domain {

/// Reads the checksums that are asked for out of the body of an SBOM report, or out of a scan's
/// component tree, in one pass, as the pieces come. What it holds does not grow with the report.
///
/// Bounds: 256 levels of nesting, and 64 of components within components; 64 KiB for a string that
/// is of use (others are counted, and may have 1 GiB), 1 MiB for a key; 32 checksums of one
/// component, package or file; 10,000 files found. Of an SPDX report's packages and files it holds
/// what may turn out to be what the document describes; see `spdx_subject`.
///
/// What does not fit, such as a checksum of a wrong length, a member of another kind, or one that
/// stands twice in its object, concerns what it stands for, and is told where that was asked for. A
/// member that is null is absent.
class sbom_reader {
 public:
  /// Only JSON reports of the query's own format are read. `subject` is what an earlier reading of
  /// the same report let go.
  explicit sbom_reader(std::shared_ptr<const hash_query> wanted,
                       std::optional<std::string> subject = std::nullopt);
  sbom_reader(sbom_reader&&) noexcept;
  sbom_reader& operator=(sbom_reader&&) noexcept;
  ~sbom_reader();

  /// Takes the next piece; false once nothing that follows changes the outcome.
  bool write(std::string_view piece);

  /// The checksums, once the body has ended; to be called once. A failure (`errc::bad_response`, or
  /// `errc::too_large` for too many files; `phase::decode`) names the field and the byte, counted
  /// from 0, where reading stopped, and what it was that came instead. It is the platform's own
  /// (`answered_by`) where that was a report, of whatever format.
  [[nodiscard]] result<image_hashes> finish();
  /// The same, but the checksums stay here, to be taken out of `value`.
  [[nodiscard]] std::optional<failure> end();
  [[nodiscard]] image_hashes& value() noexcept;
  /// After the end: what the report describes, when it may be one of the things that could not be
  /// held. Whoever reads the report again, with this as the subject, has the image's own checksums.
  [[nodiscard]] const std::optional<std::string>& let_go() const noexcept;

 private:
  class state;
  std::unique_ptr<state> state_;
};

}  // namespace binarly::domain

#endif
