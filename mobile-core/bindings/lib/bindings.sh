# Kotlin, Swift and Python, generated from the host's library. Nothing of it is committed.

# build_bindings OUT [--debug]: leaves OUT/{kotlin,swift,python} and OUT/lib. Apps and tests load
# the library that the code was generated from: the two carry each other's checksums.
build_bindings() {
    local out="" profile=mobile folder=mobile
    while [ $# -gt 0 ]; do
        case "$1" in
            --debug) profile=dev folder=debug ;;
            -*) usage ;;
            *) out=$1 ;;
        esac
        shift
    done
    [ -n "$out" ] || usage
    # For a test the tests' crate comes along: built by itself the core asks for fewer features, and
    # every crate that has others would be built a second time.
    local packages=(-p toruk-mobile-core)
    [ "$profile" = mobile ] || packages+=(-p toruk-tests)
    cargo build --locked --quiet "${packages[@]}" --lib --profile "$profile"
    local built
    built=$(host_library "$target_dir/$folder")
    mkdir -p "$out/lib"
    cp "$built" "$out/lib/"
    generate "$built" "$out" kotlin swift python
    # Python finds the library beside the module.
    ln -sf "../lib/$(basename "$built")" "$out/python/"
    say "bindings in $out"
}

# host_library FOLDER: the shared library cargo left there, whatever this system calls it.
host_library() {
    local file
    for file in "$1/lib$library.so" "$1/lib$library.dylib"; do
        if [ -f "$file" ]; then echo "$file"; return; fi
    done
    fail "no shared library in $1"
}

# generate LIBRARY OUT LANGUAGE...: from an unstripped library, whose symbols describe the surface.
generate() {
    local built=$1 out=$2 language
    shift 2
    # With the tests' crate beside it for the same reason as above.
    cargo build --locked --quiet -p toruk-uniffi-bindgen -p toruk-tests --bin toruk-uniffi-bindgen
    for language in "$@"; do
        "$target_dir/debug/toruk-uniffi-bindgen" generate "$built" \
            --config mobile-core/uniffi.toml --language "$language" --out-dir "$out/$language"
    done
}
