using System.ComponentModel;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using RecursiveMas.Shared;

namespace RecursiveMas.DependencyInjection;

/// <summary>
/// Options as a configuration says them. In a section of its own every key must be an option's name; where options stand among an application's other
/// settings, keys that are nearly a name are faults.
/// </summary>
internal sealed class ConfiguredOptions(IConfiguration configuration)
{
    // What a text cannot say.
    private static readonly string[] s_codeOnly =
    [
        nameof(MasOptions.ConfirmDownload), nameof(MasOptions.Hub), nameof(MasOptions.Agents), nameof(MasOptions.Links), nameof(MasOptions.LinkTypes),
        nameof(MasOptions.Tools), nameof(MasOptions.Clock), nameof(SamplingOptions.LogitsProcessors),
    ];

    /// <summary>What was wrong with the configuration when it was last applied, a sentence for each key.</summary>
    public IReadOnlyList<string> Faults { get; private set; } = [];

    /// <summary>Sets what the configuration says.</summary>
    /// <returns>The faults.</returns>
    public IReadOnlyList<string> Apply(MasOptions options)
    {
        var faults = new List<string>();
        Apply(configuration, options, "", everyKey: configuration is IConfigurationSection, faults);
        return Faults = faults;
    }

    private static void Apply(IConfiguration level, object options, string place, bool everyKey, List<string> faults)
    {
        PropertyInfo[] known = [.. options.GetType().GetProperties().Where(property => property.SetMethod is { IsPublic: true })];
        foreach (IConfigurationSection key in level.GetChildren())
        {
            PropertyInfo? property = known.FirstOrDefault(property => property.Name.Equals(key.Key, StringComparison.OrdinalIgnoreCase));
            if (property is null)
            {
                string near = NearName.Suggest(key.Key, known.Select(property => property.Name).Except(s_codeOnly));
                if (everyKey || near.Length > 0)
                    faults.Add($"{place}{key.Key} is no option.{near}");
            }
            else if (s_codeOnly.Contains(property.Name))
            {
                faults.Add($"{place}{property.Name} cannot be written in a configuration. Set it in code, where the system is registered.");
            }
            else
            {
                try
                {
                    Set(key, property, options, place, faults);
                }
                catch (RecursiveMasException fault)
                {
                    faults.Add($"{place}{fault.Message}");
                }
            }
        }
    }

    private static void Set(IConfigurationSection key, PropertyInfo property, object options, string place, List<string> faults)
    {
        string name = property.Name;
        if (property.PropertyType == typeof(IPromptSource))
        {
            property.SetValue(options, key.Value is { Length: > 0 } prompts ? PromptsOf(prompts) : null);
        }
        else if (property.GetValue(options) is IDictionary<string, string> texts)
        {
            foreach (IConfigurationSection entry in key.GetChildren())
                texts[entry.Key] = entry.Value ?? "";
        }
        else if (property.GetValue(options) is IDictionary<string, ModelDtype> dtypes)
        {
            foreach (IConfigurationSection entry in key.GetChildren())
                dtypes[entry.Key] = (ModelDtype)Convert(entry.Value ?? "", typeof(ModelDtype), $"{name}:{entry.Key}");
        }
        else if (property.PropertyType == typeof(SamplingOptions) || property.PropertyType == typeof(StepOptions))
        {
            object inner = Activator.CreateInstance(property.PropertyType)!;
            Apply(key, inner, $"{place}{name}:", everyKey: true, faults);
            property.SetValue(options, inner);
        }
        else if (property.PropertyType == typeof(IReadOnlyList<string>))
        {
            property.SetValue(options, key.GetChildren().Select(entry => entry.Value ?? "").ToArray());
        }
        else if (key.GetChildren().Any())
        {
            throw new InvalidOptionException(name, "has keys below it. Give it a value.");
        }
        else if (key.Value is { } text && (text.Length > 0 || property.PropertyType == typeof(string)))
        {
            SetValue(property, options, Convert(text, Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType, name));
        }
    }

    private static void SetValue(PropertyInfo property, object options, object value)
    {
        try
        {
            property.SetValue(options, value);
        }
        catch (TargetInvocationException error) when (error.InnerException is RecursiveMasException refused)
        {
            throw refused;
        }
    }

    private static PromptCatalogue PromptsOf(string text) =>
        PromptCatalogue.BuiltInNames.Contains(text) || !text.Contains('.', StringComparison.Ordinal)
            ? PromptCatalogue.BuiltIn(text)
            : PromptCatalogue.Load(text);

    private static object Convert(string text, Type type, string name)
    {
        try
        {
            object? value = TypeDescriptor.GetConverter(type).ConvertFrom(null, CultureInfo.InvariantCulture, text);
            return value is null || (type.IsEnum && !Enum.IsDefined(type, value)) ? throw new FormatException() : value;
        }
        catch (Exception error) when (error is FormatException or ArgumentException or OverflowException or NotSupportedException)
        {
            throw new InvalidOptionException(name, $"'{text}' is not possible; it must be {Wanted(type)}.");
        }
    }

    private static string Wanted(Type type) =>
        type.IsEnum ? $"one of {string.Join(", ", Enum.GetNames(type))}"
        : type == typeof(bool) ? "true or false"
        : type == typeof(double) ? "a number"
        : type == typeof(long) ? "a whole number"
        : $"a whole number up to {int.MaxValue}";
}
