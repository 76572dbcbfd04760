// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain/sbom_findings.hpp"

#include "domain/checksum_text.hpp"

#include <algorithm>
#include <utility>

namespace binarly::domain {
namespace {

constexpr std::string_view spdx_document_id = "SPDXRef-DOCUMENT";
constexpr std::size_t longest_path = 8 * 1024;
/// More of one element's roots are not held; `spdx_subject` refuses as many anyway.
constexpr std::size_t most_root_bytes = 512 * 1024;
constexpr std::size_t root_overhead = 96;

/// SPDX 3 writes `software_File`, `File`, `software:File`, or an IRI that ends so.
std::string_view last_word(std::string_view type) {
  return type.substr(type.find_last_of("/#:_") + 1);
}

std::string_view without_root(std::string_view path) {
  if (path.starts_with("./")) return path.substr(2);
  return path.starts_with('/') ? path.substr(1) : path;
}

}  // namespace

void sbom_findings::element::clear(sbom_part part) {
  what = part;
  is = type::other;
  named = false;
  named_again = false;
  names.clear();
  id.clear();
  path.clear();
  checksums.clear();
  count = 0;
  roots.clear();
  roots_size = 0;
}

sbom_findings::sbom_findings(std::shared_ptr<const hash_query> wanted, sbom_form form,
                             std::optional<std::string> subject)
    : query_(std::move(wanted)),
      form_(form),
      wanted_(query_->files.begin(), query_->files.end()),
      subject_(std::move(subject)) {}

void sbom_findings::open_element(sbom_part what) {
  if (open_ == elements_.size()) elements_.emplace_back();
  elements_[open_++].clear(what);
  if (what == sbom_part::node) clear_relationship();
}

bool sbom_findings::close_element(bool root) {
  const auto& here = current();
  bool good = true;
  if (here.what == sbom_part::image) {
    read_checksums(here.checksums, found_.own, found_.own_flaws);
  } else if (here.what != sbom_part::node || here.is == type::package || here.is == type::file) {
    good = add_files(here);
  }
  if (is_spdx()) add_to_subject(here);
  if (root) add_root(elements_[open_ - 2], here.id);
  --open_;
  return good;
}

bool sbom_findings::add_files(const element& which) {
  for (const auto name : which.names) {
    if (found_.files.size() == max_files) return false;
    auto& file = found_.files.emplace_back();
    file.name = name;
    file.path = which.path;
    read_checksums(which.checksums, file.checksums, file.flaws);
    if (which.named_again) {
      file.flaws.push_back({"", "what has the name \"" + file.name + "\" has another one, too"});
    }
  }
  return true;
}

void sbom_findings::add_to_subject(const element& which) {
  const bool package = which.what == sbom_part::package || which.is == type::package;
  if (which.what == sbom_part::node && kind_ == "describes") {
    for (const auto& to : which.roots)
      subject_.add_description(from_, to);
  } else if (package) {
    subject_.add_package(which.id, which.checksums);
  } else if (which.is == type::document || which.is == type::collection) {
    has_document_ = has_document_ || which.is == type::document;
    subject_.add_collection(which.is == type::document, which.id, which.roots);
  } else if (which.what == sbom_part::file || which.is == type::file || !which.checksums.empty()) {
    subject_.add_file(which.id, which.checksums);
  }
}

sbom_findings::type sbom_findings::type_of(std::string_view word) {
  const auto last = last_word(word);
  // Packages of models and data sets are packages, too.
  if (last.ends_with("Package")) return type::package;
  if (last == "File") return type::file;
  if (last == "SpdxDocument") return type::document;
  const bool gathers =
      last == "Sbom" || last == "Bom" || last == "Bundle" || last == "ElementCollection";
  return gathers ? type::collection : type::other;
}

void sbom_findings::match(std::string_view name) {
  const auto found = wanted_.find(name);
  if (found == wanted_.end()) return;
  auto& names = current().names;
  if (std::ranges::find(names, *found) == names.end()) names.push_back(*found);
}

void sbom_findings::store(sbom_part where, sbom_member which, std::string_view text,
                          const sbom_place& place) {
  switch (which) {
    case sbom_member::name:
      current().named = named_ = true;
      if (wanted_.empty()) break;
      match(text);
      if (where != sbom_part::component && text.starts_with("./")) match(text.substr(2));
      break;
    case sbom_member::path:
      placed_ = true;
      if (text.size() <= longest_path) current().path = text;
      match(text);
      match(without_root(text));
      break;
    case sbom_member::id:
      if (where == sbom_part::document) return subject_.add_collection(true, text, {});
      if (!current().id.empty() && current().id != text) spoil_element(place() + ": another id");
      current().id = text;
      break;
    case sbom_member::type:
      if (where == sbom_part::one_checksum) {
        hash_type_ = text;
      } else {
        current().is = type_of(text);
      }
      break;
    case sbom_member::roots:
      add_root(current(), text);
      break;
    case sbom_member::targets:
      add_target(text);
      break;
    case sbom_member::algorithm:
      algorithm_ = text;
      break;
    case sbom_member::value:
      value_ = text;
      break;
    case sbom_member::from:
      from_ = text;
      break;
    case sbom_member::kind:
      kind_ = text;
      break;
    case sbom_member::to:
      to_ = text;
      break;
    case sbom_member::md5:
    case sbom_member::sha1:
    case sbom_member::sha256:
    case sbom_member::sha512:
      // The service writes what it does not know as an empty text.
      if (!text.empty()) add_checksum(key_of(form_, where, which), text, place);
      break;
    default:
      break;
  }
}

void sbom_findings::store_in_list(sbom_part list, std::string_view text, const sbom_place& place) {
  if (list == sbom_part::described) {
    describe(text, place);
  } else if (list == sbom_part::targets) {
    add_target(text);
  } else {
    add_root(current(), text);
  }
}

void sbom_findings::add_root(element& to, std::string_view id) {
  if (to.roots_size > most_root_bytes) return;
  to.roots_size += id.size() + root_overhead;
  to.roots.emplace_back(id);
}

/// Of a relationship of SPDX 3, most of which do not matter.
void sbom_findings::add_target(std::string_view id) {
  if (kind_.empty() || kind_ == "describes") add_root(current(), id);
}

/// Whether the checksums of the element that is open may be of use.
bool sbom_findings::keeps_checksums() {
  if (is_spdx()) return true;
  const auto& here = current();
  if (here.what == sbom_part::image || !here.names.empty()) return true;
  if (wanted_.empty()) return false;
  // In the tree its path may still be told.
  return !here.named || (form_ == sbom_form::component_tree && here.path.empty());
}

void sbom_findings::add_checksum(std::string_view algorithm, std::string_view value,
                                 const sbom_place& place) {
  auto& here = current();
  if (!keeps_checksums()) return;
  if (++here.count < max_checksums + 1) {
    append_checksum(here.checksums, algorithm, value, place);
  } else if (here.count == max_checksums + 1) {
    append_flaw(here.checksums, place() + ": more than " + std::to_string(max_checksums) +
                                    " checksums of one thing, of which the first ones are read");
  }
}

void sbom_findings::open_checksum() {
  algorithm_.clear();
  value_.clear();
  hash_type_.clear();
  spoilt_.clear();
}

void sbom_findings::close_checksum(const sbom_place& place) {
  auto& here = current();
  // Other means of verification are no checksum of the thing itself.
  const bool typed = here.what != sbom_part::node || !hash_type_.empty();
  if (here.what == sbom_part::node && typed && last_word(hash_type_) != "Hash") return;
  if (!keeps_checksums()) return;
  if (!spoilt_.empty()) {
    spoil_element(std::exchange(spoilt_, {}));
  } else if (!typed) {
    spoil_element(place() + ": a means of verification without its type");
  } else if (algorithm_.empty()) {
    spoil_element(place() + ": a checksum without its algorithm's name");
  } else {
    add_checksum(algorithm_, value_, place);
  }
}

void sbom_findings::close_relationship(const sbom_place& place) {
  if (kind_ == "DESCRIBED_BY") from_.swap(to_);
  if (kind_ == "DESCRIBES" || kind_ == "DESCRIBED_BY") {
    if (from_ == spdx_document_id) {
      describe(to_, place);
    } else {
      // The document may have an id of its own, against the specification.
      subject_.add_description(from_, to_);
    }
  }
  clear_relationship();
}

void sbom_findings::clear_relationship() {
  from_.clear();
  kind_.clear();
  to_.clear();
}

void sbom_findings::describe(std::string_view id, const sbom_place& place) {
  if (id.empty()) return spoil_own(place() + ": the document describes something without an id");
  if (id == "NONE") return subject_.describe_nothing();
  // Itself, as some tools write, is as good as no word.
  if (id != "NOASSERTION" && id != spdx_document_id) subject_.describe(id);
}

void sbom_findings::spoil_checksum(std::string words) {
  if (spoilt_.empty()) spoilt_ = std::move(words);
}

void sbom_findings::spoil_element(std::string_view words) {
  // A handful tells enough of one thing.
  if (keeps_checksums() && ++current().count <= max_checksums) {
    append_flaw(current().checksums, words);
  }
}

void sbom_findings::spoil_own(std::string words) {
  if (own_doubt_.empty()) own_doubt_ = std::move(words);
}

void sbom_findings::leave_unread(std::string words) {
  if (found_.unread.empty()) found_.unread = std::move(words);
}

void sbom_findings::conclude() {
  const auto refuse = [this](std::string words) {
    found_.own.clear();
    found_.own_flaws.assign(1, {"", std::move(words)});
  };
  if (!own_doubt_.empty()) return refuse(std::move(own_doubt_));
  if (form_ == sbom_form::component_tree) {
    return refuse("the component tree has no checksum of the image itself");
  }
  if (!is_spdx()) return;
  auto subject = subject_.find();
  let_go_ = std::move(subject.let_go);
  changed_ = subject.changed;
  if (!subject.flaw.empty()) return refuse(std::move(subject.flaw));
  read_checksums(subject.checksums, found_.own, found_.own_flaws);
}

}  // namespace binarly::domain
