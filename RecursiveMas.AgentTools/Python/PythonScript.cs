namespace RecursiveMas.Python;

/// <summary>What the interpreter is told to do: import what is wanted, then run the code in the file that its first argument names.</summary>
internal static class PythonScript
{
    private const string Imports = """
        import math, itertools, functools, fractions, statistics
        try:
            import sympy as sp
        except Exception:
            sp = None

        """;

    private const string Run = """
        exec(compile(open(__import__("sys").argv[1], encoding="utf-8").read(), "code.py", "exec"))
        """;

    private const string RunAndShow = """
        def __code():
            import ast, sys
            tree = ast.parse(open(sys.argv[1], encoding="utf-8").read(), "code.py")
            if tree.body and isinstance(tree.body[-1], ast.Expr):
                last = tree.body[-1]
                call = ast.Call(ast.Name("__show", ast.Load()), [last.value], [])
                tree.body[-1] = ast.copy_location(ast.Expr(ast.copy_location(call, last)), last)
                ast.fix_missing_locations(tree)
            return compile(tree, "code.py", "exec")
        def __show(value):
            if value is not None:
                print(repr(value))
        exec(__code())
        """;

    public static string Of(PythonOptions options) => (options.Prelude ? Imports : "") + (options.EchoLastExpression ? RunAndShow : Run);

    /// <summary>Arguments of the interpreter: apart from the caller's settings and packages of the user, UTF-8 everywhere.</summary>
    /// <param name="script">What to do.</param>
    /// <param name="file">The file with the code.</param>
    public static string[] Arguments(string script, string file) => ["-I", "-X", "utf8", "-c", script, file];
}
