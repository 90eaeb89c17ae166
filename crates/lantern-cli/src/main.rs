fn main() -> std::process::ExitCode {
    lantern::error::set_face(&lantern_cli::face::ShellFace);
    lantern_cli::main(std::env::args_os()).into()
}
