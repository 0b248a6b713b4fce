using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using RecursiveMas.Testing;
using TorchSharp;
using Xunit;

namespace RecursiveMas.Core.Tests.Serialization;

/// <summary>What a system hands out goes through System.Text.Json and back, nothing lost, with kinds and enums as words.</summary>
public sealed class JsonTests
{
    private static Type[] Public => typeof(MasUpdate).Assembly.GetExportedTypes();

    public static TheoryData<Type> Updates() => [.. Public.Where(type => type.IsSubclassOf(typeof(MasUpdate)) && !type.IsAbstract)];

    public static TheoryData<Type> Results() =>
        [typeof(MasAnswer), typeof(MasResult), typeof(MasUsage), typeof(AgentUsage), typeof(MasQuestion), typeof(ExtractedAnswer), typeof(MasAskProgress)];

    public static TheoryData<Type> Enums() => [.. Public.Where(type => type.IsEnum)];

    [Theory]
    [MemberData(nameof(Updates))]
    public void Every_update_returns_as_what_it_was(Type type)
    {
        var update = (MasUpdate)new Samples().Of(type);
        foreach (JsonSerializerOptions options in new[] { JsonSerializerOptions.Default, JsonSerializerOptions.Web })
        {
            string json = JsonSerializer.Serialize(update, options);
            MasUpdate? back = JsonSerializer.Deserialize<MasUpdate>(json, options);
            Assert.Empty(Samples.Differences(update, back));
            Assert.Equal("type", JsonNode.Parse(json)!.AsObject().First().Key);
        }
    }

    [Fact]
    public void Kinds_are_the_words_of_the_types()
    {
        JsonDerivedTypeAttribute[] kinds = [.. typeof(MasUpdate).GetCustomAttributes<JsonDerivedTypeAttribute>()];
        Assert.NotEmpty(kinds);
        Assert.All(kinds, kind => Assert.Equal(JsonNamingPolicy.SnakeCaseLower.ConvertName(kind.DerivedType.Name), kind.TypeDiscriminator));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<MasUpdate>("""{"type":"bomb","Agent":"a","Round":1}"""));
    }

    [Theory]
    [MemberData(nameof(Results))]
    public void Every_result_returns_as_what_it_was(Type type)
    {
        object result = new Samples().Of(type);
        foreach (JsonSerializerOptions options in new[] { JsonSerializerOptions.Default, JsonSerializerOptions.Web })
            Assert.Empty(Samples.Differences(result, JsonSerializer.Deserialize(JsonSerializer.Serialize(result, type, options), type, options)));
    }

    [Theory]
    [MemberData(nameof(Enums))]
    public void Enums_are_words(Type type)
    {
        foreach (object value in Enum.GetValues(type))
        {
            Assert.Equal($"\"{value}\"", JsonSerializer.Serialize(value, type));
            Assert.Equal(value, JsonSerializer.Deserialize($"\"{value}\"", type));
        }
    }

    [Fact]
    public void The_type_in_transit_is_a_word_and_norms_may_overflow()
    {
        HopCrossed hop = (HopCrossed)new Samples().Of(typeof(HopCrossed)) with { Dtype = torch.ScalarType.BFloat16, LargestNorm = double.PositiveInfinity };
        string json = JsonSerializer.Serialize<MasUpdate>(hop);
        Assert.Contains("\"BFloat16\"", json, StringComparison.Ordinal);
        var back = (HopCrossed)JsonSerializer.Deserialize<MasUpdate>(json)!;
        Assert.Equal((torch.ScalarType.BFloat16, double.PositiveInfinity), (back.Dtype, back.LargestNorm));
        Assert.Null(((HopCrossed)JsonSerializer.Deserialize<MasUpdate>(JsonSerializer.Serialize<MasUpdate>(hop with { Dtype = null }))!).Dtype);
    }

    [Fact]
    public void An_error_keeps_its_type_by_name_and_its_message()
    {
        var failed = new MasResult { Index = 3, Question = new MasQuestion("q"), Error = new PromptException("too long") };
        string json = JsonSerializer.Serialize(failed);
        Assert.Contains("""{"type":"PromptException","message":"too long"}""", json, StringComparison.Ordinal);
        MasResult back = JsonSerializer.Deserialize<MasResult>(json)!;
        Assert.False(back.Succeeded);
        Assert.Equal("too long", Assert.ThrowsAny<RecursiveMasException>(back.AnswerOrThrow).Message);
        Assert.Equal(json, JsonSerializer.Serialize(back));
        foreach (string damaged in new[] { "3", "[]", "{}", """{"type":1,"message":"m"}""", """{"type":"System.Object"}""" })
            Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<MasResult>($$"""{"Index":0,"Question":{"Text":"q"},"Error":{{damaged}}}"""));
    }

    [Theory]
    [MemberData(nameof(Updates))]
    [MemberData(nameof(Results))]
    public void As_text_a_result_is_readable(Type type)
    {
        string text = new Samples().Of(type).ToString()!;
        Assert.DoesNotContain("System.", text, StringComparison.Ordinal);
        Assert.DoesNotContain("`", text, StringComparison.Ordinal);
        Assert.DoesNotContain("RecursiveMas.", text, StringComparison.Ordinal);
        Assert.NotEmpty(text);
    }

    [Fact]
    public void Answers_results_and_hops_are_their_own_summary()
    {
        var answer = (MasAnswer)new Samples().Of(typeof(MasAnswer));
        Assert.Equal(answer.Text, answer.ToString());
        Assert.Equal("Question 2: " + answer.Text, new MasResult { Index = 2, Question = answer.Question, Answer = answer }.ToString());
        Assert.Equal(
            "Question 2 failed: too long",
            new MasResult { Index = 2, Question = answer.Question, Error = new PromptException("too long") }.ToString());
        var hop = new HopCrossed
        {
            Agent = "planner",
            Round = 1,
            Edge = "outer_12",
            To = "critic",
            Slot = "s",
            Shape = [1, 32, 96],
            Dtype = torch.ScalarType.Float32,
            SmallestNorm = 0.5,
            MeanNorm = 1,
            LargestNorm = 2,
        };
        Assert.Equal("planner to critic over outer_12 in round 1: [1, 32, 96] Float32, norms 0.5 to 2, mean 1", hop.ToString());
        Assert.Equal(
            "7 positions read, 8 latent steps, 9 tokens written (solver: 7 positions read, 8 latent steps, 9 tokens written)",
            new MasUsage(new Dictionary<string, AgentUsage> { ["solver"] = new(7, 8, 9) }).ToString());
    }
}
