using RecursiveMas.Templates.Sandbox;
using RecursiveMas.Templates.Values;

namespace RecursiveMas.Templates.Runtime;

/// <summary>A named block of a template.</summary>
internal interface IBlock
{
    void Run(RenderState state, TemplateContext context, TextBuffer output);
}

/// <summary>The "self" of a template: its blocks by name.</summary>
internal sealed class BlocksValue(TemplateContext context) : IPyObject
{
    public string TypeName => "jinja2.runtime.TemplateReference";

    public object? Find(RenderState state, string name) => state.Blocks.TryGetValue(name, out IBlock? block) ? new BlockValue(block, context) : null;

    public override string ToString() => "<TemplateReference None>";

    private sealed class BlockValue(IBlock block, TemplateContext context) : Callable
    {
        public override string TypeName => "jinja2.runtime.BlockReference";

        public override object? Call(RenderState state, CallArguments arguments)
        {
            if (arguments.Positional.Length + arguments.Named.Length > 0)
                throw TemplateFault.TypeError("BlockReference.__call__() takes 1 positional argument");
            var buffer = new TextBuffer();
            block.Run(state, context, buffer);
            return state.Captured(buffer.ToString());
        }
    }
}
