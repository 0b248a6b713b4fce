using RecursiveMas.Scheduling;
using Xunit;

namespace RecursiveMas.Models.Tests.Scheduling;

public sealed class ModelTurnTests
{
    [Fact]
    public void Who_waited_when_the_turn_began_is_taken_up_and_later_ones_wait_while_others_want_the_model()
    {
        var turns = new Turns();
        var turn = new ModelTurn(turns);
        Assert.True(turn.TryBegin(() => { }));
        Assert.False(turn.CloseToNew());
        Assert.False(turn.CloseToNew());
        turns.OthersWait = true;
        Assert.True(turn.CloseToNew());
        turn.End();
        Assert.True(turn.TryBegin(() => { }));
        Assert.False(turn.CloseToNew());
        Assert.True(turn.CloseToNew());
        turn.End();
        turn.End();
        Assert.Equal((2, 2), (turns.Begun, turns.Ended));
    }

    [Fact]
    public void A_wait_for_a_turn_ends_like_one()
    {
        var turns = new Turns { Refuses = true };
        var turn = new ModelTurn(turns);
        Assert.False(turn.TryBegin(() => { }));
        Assert.False(turn.IsWanted);
        turn.End();
        Assert.Equal(1, turns.Ended);
    }

    private sealed class Turns : IModelTurns
    {
        public bool OthersWait { get; set; }

        public bool Refuses { get; init; }

        public int Begun { get; private set; }

        public int Ended { get; private set; }

        public bool TryBegin(Action retry)
        {
            Begun++;
            return !Refuses;
        }

        public void End() => Ended++;
    }
}
